import { execFile } from "node:child_process";
import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** The gateways from npm that are measured beside this one. */
const versions = { "mcp-proxy": "6.7.19", supergateway: "4.0.0", fastmcp: "4.20.16" } as const;

export type NpmPeer = keyof typeof versions;

const entries: Readonly<Record<NpmPeer, string>> = {
  "mcp-proxy": "dist/bin/mcp-proxy.mjs",
  supergateway: "dist/index.js",
  fastmcp: "dist/FastMCP.js",
};

const installWithinMs = 180_000;
const run = promisify(execFile);

/**
 * Installs the peers below the results, once, at fixed versions; they are no dependencies of the
 * project. Gives the path of each one's entry. Fails without a registry.
 */
export async function installNpmPeers(resultsFolder: string): Promise<Readonly<Record<NpmPeer, string>>> {
  const folder = join(resultsFolder, "peers");
  const paths = Object.fromEntries(
    Object.entries(entries).map(([name, entry]) => [name, join(folder, "node_modules", name, entry)]),
  ) as Record<NpmPeer, string>; // the keys of `entries`
  const missing = await Promise.all(
    Object.values(paths).map((path) =>
      access(path).then(
        () => false,
        () => true,
      ),
    ),
  );
  if (missing.includes(true)) {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: versions }));
    await run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"], {
      cwd: folder,
      timeout: installWithinMs,
    });
  }
  return paths;
}
