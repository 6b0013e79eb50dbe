import { setTimeout as delay } from "node:timers/promises";
import type { DocumentRef } from "../../../core/config-store.ts";
import { AppError } from "../../../core/errors.ts";
import { CurrentFiles, type HandEdit } from "./current-files.ts";
import type { DurableFiles } from "./durable-files.ts";
import { translateError } from "./folder-errors.ts";
import { FolderLock } from "./folder-lock.ts";
import { adoptEdits, type Summarize } from "./hand-edits.ts";
import { IntentRecord } from "./intent.ts";
import { KnownDocuments } from "./known-documents.ts";
import { keyOf, ownFile, type StorePaths } from "./store-paths.ts";
import { VersionWriter } from "./version-writer.ts";

export interface StoreFolderOptions {
  readonly paths: StorePaths;
  readonly disk: DurableFiles;
  readonly summarize: Summarize;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** How long what people write has to stay as it is before it becomes a version. */
  readonly settleMs: number;
}

/** Hand edits that become versions while the lock is held once. */
const editsAtOnce = 200;
/** How often files that go on changing are looked at before what is known has to do. */
const maxLooks = 10;

/** The state of a store in memory, and the turns in which it is brought up to date and changed. */
export class StoreFolder {
  readonly known: KnownDocuments;
  readonly files: CurrentFiles;
  readonly writer: VersionWriter;
  readonly #options: StoreFolderOptions;
  readonly #lock: FolderLock;
  readonly #intents: IntentRecord;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: StoreFolderOptions) {
    const { paths, disk } = options;
    this.#options = options;
    this.#lock = new FolderLock(paths.lock);
    this.known = new KnownDocuments(paths);
    this.files = new CurrentFiles(paths.root, this.known);
    this.#intents = new IntentRecord(paths, disk);
    this.writer = new VersionWriter({ paths, disk, known: this.known, intents: this.#intents });
  }

  /** Makes what a new store needs, and ends what somebody who was killed has begun. */
  prepare(make: () => Promise<void>): Promise<void> {
    return this.#turn(() =>
      this.#lock.run(async () => {
        await make();
        await this.#catchUp();
      }),
    );
  }

  /** Runs `read` when all that people and other processes have done is known. */
  readAll<T>(read: () => T): Promise<T> {
    return this.#turn(async () => {
      await this.#settle();
      return read();
    });
  }

  /** Runs `read` when all that was done to one document is known. */
  readOne<T>(ref: DocumentRef, read: () => T): Promise<T> {
    return this.#turn(async () => {
      await this.known.refresh();
      if (!(await this.#isSettled(ref))) await this.#settle();
      this.#refuseDamaged(ref);
      return read();
    });
  }

  /** Runs `work` under the lock, when all that was done to the document is known. */
  change<T>(ref: DocumentRef, work: () => Promise<T>): Promise<T> {
    return this.#turn(async () => {
      for (let look = 0; look < maxLooks; look++) {
        const done = await this.#lock.run(async () => {
          await this.#catchUp();
          if (!(await this.#isSettled(ref))) return undefined;
          this.#refuseDamaged(ref);
          return { value: await work() };
        });
        if (done !== undefined) return done.value;
        await this.#settle();
      }
      throw new AppError("unavailable", "Somebody is writing the file of this document all the time. Try again.");
    });
  }

  /** Runs `work` under the lock, whatever people are doing to files meanwhile. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#turn(() =>
      this.#lock.run(async () => {
        await this.#catchUp();
        return work();
      }),
    );
  }

  async close(): Promise<void> {
    await this.#queue;
    this.#lock.close();
  }

  /** One after the other: every turn may change what is known. */
  #turn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work).catch((error: unknown) => {
      throw translateError(error, this.#options.paths.root);
    });
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #catchUp(): Promise<void> {
    await this.known.refresh();
    await this.#intents.recover(this.known);
    if (this.known.hasUnannounced) await this.known.announceUnannounced();
  }

  /** Whether nobody has touched the document since it was looked at; cheap for one that stands in a file. */
  async #isSettled(ref: DocumentRef): Promise<boolean> {
    const head = this.known.heads.get(keyOf(ref));
    const place = this.files.placeOf(ref);
    if (head !== undefined && head.change !== "delete" && place !== undefined) {
      return (await this.files.isAsSeen(place.file)) && (await this.#isUnedited(ref));
    }
    // It may have come to any file.
    await this.files.look();
    return (await this.files.isAsSeen(ownFile(ref))) && (await this.#isUnedited(ref));
  }

  async #isUnedited(ref: DocumentRef): Promise<boolean> {
    return (await this.files.editOf(ref)) === undefined;
  }

  /** Makes versions of what people have done, as soon as it holds still. */
  async #settle(): Promise<void> {
    let seen = new Map<string, string>();
    for (let look = 0; look < maxLooks; ) {
      await this.known.refresh();
      await this.files.look();
      if (!this.known.hasUnannounced && (await this.files.edits()).length === 0) return;
      const edits = await this.#lock.run(() => this.#adopt(seen));
      const isStill = edits.every(({ key, hash }) => seen.get(key) === hash);
      seen = new Map(edits.map(({ key, hash }) => [key, hash]));
      if (isStill) continue;
      look++;
      await delay(this.#options.settleMs);
    }
  }

  /** Adopts what was seen before as it is now, and answers everything that differs. */
  async #adopt(seen: ReadonlyMap<string, string>): Promise<readonly HandEdit[]> {
    await this.#catchUp();
    await this.files.look();
    // Histories may have come by `git pull`, along with the files.
    for (const { key } of await this.files.edits()) await this.known.reload(key);
    if (this.known.hasUnannounced) await this.known.announceUnannounced();
    const edits = await this.files.edits();
    const still = edits.filter(({ key, hash }) => seen.get(key) === hash);
    const { paths, ...parts } = this.#options;
    await adoptEdits(still.slice(0, editsAtOnce), {
      root: paths.root,
      known: this.known,
      writer: this.writer,
      ...parts,
    });
    return edits;
  }

  #refuseDamaged(ref: DocumentRef): void {
    const damage = this.known.damaged.get(keyOf(ref));
    if (damage !== undefined) throw damage;
  }
}
