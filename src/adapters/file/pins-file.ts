import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { ifThere, replaceFile } from "./replace-file.ts";

const schema = z.strictObject({
  version: z.literal(1),
  pins: z.array(
    z.strictObject({
      /** `tenant/name`. */
      server: z.string(),
      /** Key of the upstream in the document. */
      upstream: z.string(),
      /** The tool's name at the upstream, which may hold anything. */
      tool: z.string(),
      /** ISO 8601; absent in files of versions that did not write it. */
      pinnedAt: z.string().optional(),
      /** SHA-256 digests by field. */
      digests: z.record(z.string(), z.string()),
    }),
  ),
});

export type PinEntry = Readonly<z.output<typeof schema>["pins"][number]>;

/**
 * `pins.json` of a folder, which a running gateway and the command line may both write. Fails like
 * the file system, or with a parser's error when the file is damaged; a damaged file is never replaced.
 */
export class PinsFile {
  readonly path: string;
  /** Tells one version of the file from another; undefined for none. */
  #read: string | undefined;

  constructor(directory: string) {
    this.path = join(directory, "pins.json");
  }

  /** The entries, when the file is another one than `readNews` has answered last; undefined when it is not, or not there. */
  async readNews(): Promise<readonly PinEntry[] | undefined> {
    // The version before the text: what is written in between is read once more the next time.
    const version = await this.#version();
    if (version === this.#read) return undefined;
    const text = await ifThere(readFile(this.path, "utf8"));
    const entries = text === undefined ? undefined : parse(text);
    this.#read = version;
    return entries;
  }

  /** Replaces all entries by what `change` makes of those that are there; undefined when there is no file. */
  replace(change: (entries: readonly PinEntry[] | undefined) => readonly PinEntry[]): Promise<void> {
    return replaceFile(this.path, (text) => {
      const pins = change(text === undefined ? undefined : parse(text));
      return `${JSON.stringify({ version: 1, pins }, undefined, 2)}\n`;
    });
  }

  async #version(): Promise<string | undefined> {
    const found = await ifThere(stat(this.path, { bigint: true }));
    return found && `${found.ino}:${found.mtimeNs}:${found.size}`;
  }
}

function parse(text: string): readonly PinEntry[] {
  return schema.parse(JSON.parse(text)).pins;
}
