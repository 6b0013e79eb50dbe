// Bundles the program into dist/: what `bin/passerelle` runs. Run by `npm ci` (prepare) and `npm run build`.
import { copyFile, rm } from "node:fs/promises";
import { build } from "esbuild";

await rm(new URL("../dist", import.meta.url), { recursive: true, force: true });
await build({
  entryPoints: ["src/main.ts"],
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  sourcemap: true,
  legalComments: "none",
  logLevel: "warning",
  // Packages that are CommonJS call require() for built-in modules.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
});
// Read at run time from beside the program.
await copyFile("src/demo/demo.yaml", "dist/demo.yaml");
