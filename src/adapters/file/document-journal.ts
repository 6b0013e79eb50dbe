import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rename } from "node:fs/promises";
import { createInterface } from "node:readline";
import { setImmediate } from "node:timers/promises";
import * as z from "zod";
import type { DocumentChanges, StoredVersion } from "../../core/config-store.ts";
import { feedVersion, storedVersionSchema, toStoredVersion } from "../../core/gateway-feed.ts";
import type { Log } from "../../core/log.ts";

const head = JSON.stringify({ format: "passerelle-documents", version: 1 });
/** The last line of each batch: the lines before it count from here on. */
const commit = z.object({ revision: z.int().min(0) });
const digestLength = 16;
const flushBytes = 1_048_576;
/** The file is written anew when it is larger than this and twice what is in force. */
const minRewriteBytes = 1_048_576;

/**
 * Documents in a file that only this user may read. A change is appended, so that one document of ten thousand costs
 * one line; each line carries its digest, and each batch ends with its revision: a crash loses the last batch alone.
 * Calls must not overlap.
 */
export class DocumentJournal {
  readonly #path: string;
  readonly #log: Log;
  /** Length of the line in force, by document. */
  #lengths = new Map<string, number>();
  #hashes = new Map<string, string>();
  #size = 0;
  /** Of what the file holds; undefined while that is not known. */
  #revision: number | undefined;

  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
  }

  get revision(): number | undefined {
    return this.#revision;
  }

  /** Everything in force; undefined when there is no file, or a damaged one. */
  async read(): Promise<DocumentChanges | undefined> {
    try {
      return await this.#readAll();
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      this.#log.error("the copy of documents cannot be used", { path: this.#path, error });
      this.#revision = undefined;
      return undefined;
    }
  }

  /** Whether these complete changes are what the file holds already. */
  holds({ revision, changed }: DocumentChanges): boolean {
    if (revision !== this.#revision || changed.length !== this.#hashes.size) return false;
    return changed.every((version) => this.#hashes.get(keyOf(version)) === hashOf(version));
  }

  /** Adds what has changed since `revision`. When it fails, the file is to be replaced. */
  async append({ revision, changed }: DocumentChanges): Promise<void> {
    this.#revision = undefined;
    const file = await open(this.#path, "r+", 0o600);
    try {
      // Behind the last batch that was whole: what a crash has left there is written over.
      await file.truncate(this.#size);
      await this.#writeBatch(file, changed, revision);
    } finally {
      await file.close();
    }
    this.#revision = revision;
    const live = [...this.#lengths.values()].reduce((sum, length) => sum + length, 0);
    if (this.#size < Math.max(minRewriteBytes, 2 * live)) return;
    const all = await this.read();
    if (all !== undefined) await this.replace(all);
  }

  /** Makes the file anew; whoever reads meanwhile finds the old one or the new one. */
  async replace({ revision, changed }: DocumentChanges): Promise<void> {
    this.#revision = undefined;
    const beside = `${this.#path}.new`;
    const file = await open(beside, "w", 0o600);
    try {
      this.#lengths = new Map();
      this.#hashes = new Map();
      this.#size = 0;
      await this.#write(file, lineOf(head));
      await this.#writeBatch(file, changed, revision);
    } finally {
      await file.close();
    }
    await rename(beside, this.#path);
    this.#revision = revision;
  }

  async #writeBatch(file: FileWriter, versions: readonly StoredVersion[], revision: number): Promise<void> {
    let pending: Buffer[] = [];
    let bytes = 0;
    for (const version of versions) {
      const line = lineOf(JSON.stringify(feedVersion(version)));
      this.#note(version, line.length);
      pending.push(line);
      bytes += line.length;
      if (bytes < flushBytes) continue;
      await this.#write(file, Buffer.concat(pending));
      pending = [];
      bytes = 0;
    }
    await this.#write(file, Buffer.concat([...pending, lineOf(JSON.stringify({ revision }))]));
    await file.sync();
  }

  async #write(file: FileWriter, bytes: Buffer): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const { bytesWritten } = await file.write(bytes, written, bytes.length - written, this.#size);
      written += bytesWritten;
      this.#size += bytesWritten;
    }
  }

  #note(version: StoredVersion, length: number): void {
    const key = keyOf(version);
    if (version.text === undefined) {
      this.#lengths.delete(key);
      this.#hashes.delete(key);
    } else {
      this.#lengths.set(key, length);
      this.#hashes.set(key, hashOf(version));
    }
  }

  async #readAll(): Promise<DocumentChanges> {
    const found = new Map<string, StoredVersion>();
    this.#lengths = new Map();
    this.#hashes = new Map();
    let revision: number | undefined;
    let batch: { version: StoredVersion; length: number }[] = [];
    let position = 0;
    let torn: Error | undefined;
    let count = 0;
    const input = createReadStream(this.#path);
    const opened = new Promise<void>((resolve, reject) => {
      input.once("open", () => resolve()).once("error", reject);
    });
    await opened;
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      // Only the last line may be torn: a process was killed while it wrote.
      if (torn !== undefined) throw torn;
      const length = Buffer.byteLength(line) + 1;
      position += length;
      const text = textOf(line);
      if (text === undefined) {
        torn = new Error(`line ${count + 1} is damaged`);
        if (count === 0) throw torn;
        continue;
      }
      if (count++ === 0) {
        if (text !== head) throw new Error("it is of another version");
        continue;
      }
      if (count % 200 === 0) await setImmediate();
      const value: unknown = JSON.parse(text);
      const end = commit.strict().safeParse(value);
      if (!end.success) {
        batch.push({ version: toStoredVersion(storedVersionSchema.parse(value)), length });
        continue;
      }
      for (const { version, length: lineLength } of batch) {
        this.#note(version, lineLength);
        if (version.text === undefined) found.delete(keyOf(version));
        else found.set(keyOf(version), version);
      }
      batch = [];
      this.#size = position;
      revision = end.data.revision;
    }
    if (revision === undefined) throw new Error("it has no whole batch");
    // Without the line feed of its last batch nothing can be appended to the file.
    this.#revision = this.#size > input.bytesRead ? undefined : revision;
    return { revision, changed: [...found.values()], isComplete: true };
  }
}

type FileWriter = Awaited<ReturnType<typeof open>>;

function keyOf({ tenant, name }: StoredVersion): string {
  return `${tenant}/${name}`;
}

function hashOf({ version, hash }: StoredVersion): string {
  return `${version} ${hash}`;
}

function lineOf(text: string): Buffer {
  return Buffer.from(`${digestOf(text)} ${text}\n`);
}

function textOf(line: string): string | undefined {
  const text = line.slice(digestLength + 1);
  return line[digestLength] === " " && line.slice(0, digestLength) === digestOf(text) ? text : undefined;
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, digestLength);
}
