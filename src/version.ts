import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import manifest from "../package.json" with { type: "json" };

/** The version of this program. */
export function programVersion(): string {
  return manifest.version;
}

/**
 * Changes with every change of the program; undefined when it runs from its sources. The bundle's entry names its
 * parts by hashes of their content, so that it stands for all of them.
 */
export async function programBuild(): Promise<string | undefined> {
  try {
    const entry = await readFile(new URL("main.js", import.meta.url));
    return createHash("sha256").update(entry).digest("base64url");
  } catch {
    return undefined; // sources have no such file
  }
}
