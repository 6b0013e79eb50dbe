// Writes schema/openapi.json, the description of the API that the apiserver serves too.
// With --check it writes nothing and fails when the file is stale.
import { readFile, writeFile } from "node:fs/promises";
import { apiDescriptionOperation } from "../src/apiserver/api-page.ts";
import type { AnyOperation } from "../src/apiserver/operation.ts";
import { describeApi } from "../src/apiserver/openapi.ts";
import { type ApiParts, apiOperations } from "../src/apiserver/operations/api-operations.ts";

const file = new URL("../schema/openapi.json", import.meta.url);

/** Stands for parts that are not there: operations are only described, and reading a part of a part answers the same. */
const absent: unknown = new Proxy(() => undefined, {
  get: () => absent,
  apply: () => {
    throw new Error("Nothing runs while the API is described.");
  },
});

const { version } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string; // npm demands it
};
const operations: readonly AnyOperation[] = [
  ...apiOperations(absent as ApiParts), // see `absent`
  apiDescriptionOperation(() => operations, version),
];
const wanted = `${JSON.stringify(describeApi(operations, version), undefined, 2)}\n`;
if (process.argv.includes("--check")) {
  const found = await readFile(file, "utf8").catch(() => "");
  if (found !== wanted) {
    console.error("schema/openapi.json is stale: run `npm run generate:schema` and commit it.");
    process.exitCode = 1;
  }
} else {
  await writeFile(file, wanted);
}
