import { stat, open } from "node:fs/promises";
import * as z from "zod";
import { isGone } from "../config-files.ts";

const entry = z.object({ revision: z.int().min(0), key: z.string(), version: z.int().min(0) });

/** That a document was changed: its newest version then, and the revision of the store. */
export type ChangeEntry = z.output<typeof entry>;

export interface ChangeNews {
  /** The file is another one than before: everything has to be read again, and `entries` are all there are. */
  readonly isNew: boolean;
  readonly entries: readonly ChangeEntry[];
}

/**
 * `changes.ndjson`: the revision counter of the folder and what each revision touched, so that other processes read
 * again only that. It belongs to the machine, not to a repository, and can be made anew from the histories.
 */
export class ChangeLog {
  readonly #path: string;
  #inode = 0;
  #offset = 0;
  #revision = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** The newest revision that was read or written. */
  get revision(): number {
    return this.#revision;
  }

  /** Bytes that were read: a large file is worth being made anew. */
  get size(): number {
    return this.#offset;
  }

  /** What was added since the last call; undefined when the file is not there. */
  async readNews(): Promise<ChangeNews | undefined> {
    try {
      const { ino, size } = await stat(this.#path);
      const isNew = ino !== this.#inode || size < this.#offset;
      if (isNew) [this.#inode, this.#offset, this.#revision] = [ino, 0, 0];
      if (size === this.#offset) return { isNew, entries: [] };
      const text = await this.#readTail(size - this.#offset);
      const whole = text.subarray(0, text.lastIndexOf(10) + 1);
      this.#offset += whole.length;
      const entries = whole.toString().split("\n").flatMap(parseEntry);
      for (const { revision } of entries) this.#revision = Math.max(this.#revision, revision);
      return { isNew, entries };
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  }

  /** Adds entries; under the lock, after `readNews`. Not synced: the histories hold the same. */
  async append(entries: readonly ChangeEntry[]): Promise<void> {
    const file = await open(this.#path, "r+");
    try {
      // Half a line of somebody who was killed is written over.
      await file.truncate(this.#offset);
      const text = entryLines(entries);
      await file.write(text, this.#offset);
      this.#offset += Buffer.byteLength(text);
    } finally {
      await file.close();
    }
    for (const { revision } of entries) this.#revision = Math.max(this.#revision, revision);
  }

  async #readTail(length: number): Promise<Buffer> {
    const file = await open(this.#path, "r");
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, this.#offset);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }
}

/** The file's text. */
export function entryLines(entries: readonly ChangeEntry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
}

/** A line that says nothing is left out: what it may have told is found by comparing with the histories. */
function parseEntry(source: string): ChangeEntry[] {
  if (source === "") return [];
  try {
    return [entry.parse(JSON.parse(source))];
  } catch {
    return [];
  }
}
