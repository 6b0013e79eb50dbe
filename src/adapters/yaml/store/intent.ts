import { basename, dirname, join } from "node:path";
import * as z from "zod";
import type { DocumentRef } from "../../../core/config-store.ts";
import { AppError } from "../../../core/errors.ts";
import { type DurableFiles, readIfThere } from "./durable-files.ts";
import type { FilePlan } from "./file-plan.ts";
import { hashOf, type KnownDocuments } from "./known-documents.ts";
import { readTextFile } from "./read-text-file.ts";
import { keyOf, refOf, type StorePaths } from "./store-paths.ts";

const intent = z.object({
  key: z.string(),
  version: z.int().min(1),
  file: z.string(),
  /** Hash of the file before; null when there was none. */
  before: z.string().nullable(),
  isRemoval: z.boolean(),
});

/**
 * Makes a version and the file that people see change together. The intent says what is going to happen; the line in
 * the history is the moment from which it has happened; who finds an intent of somebody who was killed ends the work.
 * Without it a file that was not replaced yet would look like one that a person has set back.
 */
export class IntentRecord {
  readonly #paths: StorePaths;
  readonly #disk: DurableFiles;

  constructor(paths: StorePaths, disk: DurableFiles) {
    this.#paths = paths;
    this.#disk = disk;
  }

  /** Changes the file when `makeVersion` has ended well; under the lock. */
  async carryOut(plan: FilePlan, ref: DocumentRef, version: number, makeVersion: () => Promise<void>): Promise<void> {
    const { file, before, after, mode } = plan;
    const path = join(this.#paths.root, file);
    if (after !== undefined) {
      await this.#disk.makeFolder(dirname(path));
      await this.#disk.write(besides(path), after, mode);
    }
    const content = {
      key: keyOf(ref),
      version,
      file,
      before: before === undefined ? null : hashOf(before),
      isRemoval: after === undefined,
    } satisfies z.output<typeof intent>;
    await this.#disk.write(`${this.#paths.intent}.new`, JSON.stringify(content));
    await this.#disk.replace(`${this.#paths.intent}.new`, this.#paths.intent);
    await makeVersion();
    await this.#changeFile(path, content.isRemoval);
    await this.#disk.remove(this.#paths.intent);
  }

  /** Ends what somebody who was killed has begun, or takes it back; under the lock. */
  async recover(known: KnownDocuments): Promise<void> {
    const text = await readIfThere(this.#paths.intent);
    if (text === undefined) return;
    const { key, version, file, before, isRemoval } = readIntent(text, this.#paths.intent);
    const path = join(this.#paths.root, file);
    const { versions } = await known.readLog(refOf(key));
    const isMade = versions.some((made) => made.version === version);
    if (isMade && (await hashOfFile(path)) === before) await this.#changeFile(path, isRemoval);
    await this.#disk.remove(besides(path));
    if (!isMade) await this.#disk.remove(this.#paths.versionText(refOf(key), version));
    await known.reload(key);
    await this.#disk.remove(this.#paths.intent);
  }

  async #changeFile(path: string, isRemoval: boolean): Promise<void> {
    if (isRemoval) await this.#disk.remove(path);
    else await this.#disk.replace(besides(path), path);
  }
}

/** Where a file is written before it replaces the one at `path`: a name that no reader takes for configuration. */
function besides(path: string): string {
  return join(dirname(path), `.${basename(path)}.new`);
}

function readIntent(text: string, path: string): z.output<typeof intent> {
  try {
    return intent.parse(JSON.parse(text));
  } catch (cause) {
    throw new AppError("unavailable", `${path} is damaged. Look what it says, and remove it.`, { cause });
  }
}

/** Null when there is no file; undefined, which equals nothing, when somebody has made it unreadable. */
async function hashOfFile(path: string): Promise<string | null | undefined> {
  const content = await readTextFile(path);
  switch (content.kind) {
    case "text":
      return hashOf(content.text);
    case "gone":
      return null;
    case "unreadable":
      return undefined;
  }
}
