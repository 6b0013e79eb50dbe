// Bundles the program into dist/: what `bin/passerelle` runs. Run by `npm ci` (prepare) and `npm run build`.
// `node scripts/build.mjs FOLDER` bundles into another folder of the checkout; tests run that one.
import { copyFile, cp, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildWeb } from "./build-web.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = resolve(root, process.argv[2] ?? "dist");
await rm(folder, { recursive: true, force: true });
/**
 * The whole of undici is a megabyte that is compiled at every start, mostly fetch and WebSocket.
 * The data plane needs its HTTP/1 client alone; what talks to other parts of Passerelle gets all of it.
 */
const undiciClientOnly = {
  name: "undici-client-only",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^undici$/ }, ({ importer }) =>
      importer.includes("/src/adapters/http/") ? undefined : { path: "undici", namespace: "undici-client-only" },
    );
    onLoad({ filter: /.*/, namespace: "undici-client-only" }, () => ({
      contents: `
        export { default as Client } from "undici/lib/dispatcher/client.js";
        export { default as Pool } from "undici/lib/dispatcher/pool.js";
        export { default as buildConnector } from "undici/lib/core/connect.js";
        export { default as errors } from "undici/lib/core/errors.js";`,
      resolveDir: root,
    }));
  },
};

await build({
  plugins: [undiciClientOnly],
  // Names stay, so that stack traces can be read; the rest halves what is compiled at every start.
  minifyWhitespace: true,
  minifySyntax: true,
  absWorkingDir: root,
  // The second is a program of its own: it runs in a worker.
  entryPoints: { main: "src/main.ts", "openapi-worker": "src/compose/openapi/openapi-worker.ts" },
  outdir: folder,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  sourcemap: true,
  legalComments: "none",
  // Compiled code cannot be bundled, and the tables of the tokenizer are as large as everything else together.
  external: ["@node-rs/argon2", "@photostructure/sqlite", "gpt-tokenizer", "pg-native"],
  // Its main file asks for its parts in a way that bundlers do not see.
  alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" },
  logLevel: "warning",
  // Packages that are CommonJS call require() for built-in modules.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
});
// Read at run time from beside the program.
await copyFile(join(root, "src/demo/demo.yaml"), join(folder, "demo.yaml"));
await cp(join(root, "src/apiserver/pages/browser"), join(folder, "browser"), { recursive: true });
await buildWeb(root, folder);
