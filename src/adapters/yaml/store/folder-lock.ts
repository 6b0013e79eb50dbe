import { setTimeout as delay } from "node:timers/promises";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { AppError } from "../../../core/errors.ts";

/** How long somebody else's work is waited for. */
const waitMs = 15_000;
/** How often somebody who waits looks, at most. */
const maxLookMs = 3;
/** SQLite: somebody else has it. */
const busy = 5;
/** The bits of a code that say what kind of error it is. */
const primaryCode = 0xff;

/**
 * Lets one writer of a folder work at a time, also of several processes. It is the lock of an SQLite file, which holds
 * nothing: the system takes it away from a process that ends, however it ends, so nobody has to guess whether an owner
 * is still alive.
 */
export class FolderLock {
  readonly #database: DatabaseSyncInstance;
  #freeSince = 0;
  #isClosed = false;

  /** @param path of the file, which is made when it is not there */
  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    this.#database.exec("pragma busy_timeout = 0");
  }

  /** Runs `work` alone; one call at a time. @throws AppError `unavailable` when others do not let go in time */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.#take();
    try {
      return await work();
    } finally {
      this.#database.exec("commit");
      this.#freeSince = performance.now();
    }
  }

  /** May be called twice, and not while work is under way. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#database.close();
  }

  async #take(): Promise<void> {
    // Others that wait look every few milliseconds: whoever had it last leaves them a gap.
    const gapMs = this.#freeSince + maxLookMs - performance.now();
    if (gapMs > 0) await delay(gapMs);
    for (const giveUpAt = performance.now() + waitMs; ; await delay(Math.random() * maxLookMs)) {
      try {
        this.#database.exec("begin exclusive");
        return;
      } catch (error) {
        if (!isBusy(error)) throw error;
        if (performance.now() < giveUpAt) continue;
        throw new AppError("unavailable", "Another program is writing to the folder of documents. Try again.", {
          cause: error,
        });
      }
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & primaryCode) === busy;
}
