/** The built program of the worker. Sources use what `npm run build` has made of them last. */
export function workerProgram(): URL {
  const own = import.meta.url;
  return new URL(own.endsWith(".ts") ? "../../../dist/openapi-worker.js" : "./openapi-worker.js", own);
}
