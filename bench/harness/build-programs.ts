import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export type ProgramName =
  | "backend"
  | "echo"
  | "proxy"
  | "load"
  | "mcp-server"
  | "mcp-child"
  | "sdk-v1"
  | "sdk-v2"
  | "fastmcp";

const sources: Readonly<Record<ProgramName, URL>> = {
  backend: new URL("../programs/backend.ts", import.meta.url),
  echo: new URL("../programs/echo.ts", import.meta.url),
  proxy: new URL("../programs/proxy.ts", import.meta.url),
  load: new URL("../programs/load.ts", import.meta.url),
  "mcp-server": new URL("../programs/mcp-server.ts", import.meta.url),
  "mcp-child": new URL("../programs/mcp-child.ts", import.meta.url),
  "sdk-v1": new URL("../peers/sdk-v1.ts", import.meta.url),
  "sdk-v2": new URL("../peers/sdk-v2.ts", import.meta.url),
  fastmcp: new URL("../peers/fastmcp.ts", import.meta.url),
};

/**
 * Translates the programs that are measured, or that measure, to plain JavaScript below `directory`
 * (inside the checkout, so that packages are found). Running them through a TypeScript loader would
 * put the loader's own thread and wrappers into the figures.
 */
export async function buildPrograms(directory: string): Promise<Readonly<Record<ProgramName, string>>> {
  const entryPoints = Object.values(sources).map((source) => fileURLToPath(source));
  await build({
    entryPoints,
    outdir: directory,
    entryNames: "[name]",
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20.19",
    outExtension: { ".js": ".mjs" },
    logLevel: "warning",
  });
  const built = (source: URL): string => `${directory}/${basename(source.pathname, ".ts")}.mjs`;
  return {
    backend: built(sources.backend),
    echo: built(sources.echo),
    proxy: built(sources.proxy),
    load: built(sources.load),
    "mcp-server": built(sources["mcp-server"]),
    "mcp-child": built(sources["mcp-child"]),
    "sdk-v1": built(sources["sdk-v1"]),
    "sdk-v2": built(sources["sdk-v2"]),
    fastmcp: built(sources.fastmcp),
  };
}
