import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ConfigStore, DocumentChanges } from "../../core/config-store.ts";
import { AppError } from "../../core/errors.ts";
import { keyRecordsSchema, sealedSecretsSchema } from "../../core/gateway-feed.ts";
import type { KeySource } from "../../core/key-source.ts";
import type { Log } from "../../core/log.ts";
import type { SealedSecretSource } from "../../core/secret-store.ts";
import { CopyFile } from "./copy-file.ts";
import { DocumentJournal } from "./document-journal.ts";

/** Where documents are read from. */
type DocumentSource = Pick<ConfigStore, "changesSince">;

/** What became of reading one kind so far. */
interface ReadState {
  /** The source gave all of it. */
  hasAnswered: boolean;
  /** It was given out, be it from the copy. */
  isGivenOut: boolean;
}

interface Asked<V, C> {
  readonly what: string;
  readonly state: ReadState;
  readonly ask: () => Promise<V>;
  readonly copy: () => Promise<C | undefined>;
}

/**
 * What a gateway has read last, in a folder: documents, sealed secrets, and API keys by their hashes. Each is given
 * out when its source is `unavailable` and has not answered since the process started; from then on the source alone
 * counts. At the start, what one source was away for is not waited for again by the others: they are one place.
 * Writing happens beside reading; what cannot be written is logged and written anew with the next change.
 */
export class LastGoodCopy {
  readonly #folder: string;
  readonly #log: Log;
  /** By what is written: keys need not wait for very many documents. */
  readonly #writing = new Map<string, Promise<void>>();
  /** A source was unavailable, and none has answered since. */
  #isAway = false;

  private constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  /**
   * @param stateDirectory of this gateway alone; the copy is kept in `last-good` below it
   * @throws AppError `invalid_configuration` when the folder cannot be made
   */
  static async open(stateDirectory: string, log: Log): Promise<LastGoodCopy> {
    const folder = join(stateDirectory, "last-good");
    try {
      await mkdir(folder, { recursive: true });
      await chmod(folder, 0o700);
    } catch (cause) {
      throw new AppError("invalid_configuration", `The folder ${folder} cannot be made.`, { cause });
    }
    return new LastGoodCopy(folder, log);
  }

  documents(source: DocumentSource): DocumentSource {
    const journal = new DocumentJournal(join(this.#folder, "documents.ndjson"), this.#log);
    const state: ReadState = { hasAnswered: false, isGivenOut: false };
    const read = async (revision: number): Promise<DocumentChanges> => {
      const changes = await source.changesSince(revision);
      state.hasAnswered = true;
      this.#write("documents", () => keep(journal, changes, revision, source));
      return changes;
    };
    return {
      changesSince: async (revision) => {
        if (revision !== 0) return read(revision);
        const ask = { what: "documents", state, ask: () => read(0), copy: () => journal.read() };
        const changes = await this.#answerOrCopy(ask, (copy) => copy);
        state.isGivenOut = true;
        return changes;
      },
    };
  }

  secrets(source: SealedSecretSource): SealedSecretSource {
    const file = new CopyFile(join(this.#folder, "secrets.json"), sealedSecretsSchema, this.#log);
    return this.#copied("secrets", source, file);
  }

  keys(source: KeySource): KeySource {
    const file = new CopyFile(join(this.#folder, "keys.json"), keyRecordsSchema, this.#log);
    return { ...this.#copied("keys", source, file), recordUse: (used) => source.recordUse(used) };
  }

  /** Waits until everything is written. May be called twice. */
  async close(): Promise<void> {
    await Promise.all(this.#writing.values());
  }

  #copied<T extends { readonly revision: number }>(
    what: string,
    source: { revision(): Promise<number>; readAll(): Promise<T> },
    file: CopyFile<T>,
  ): { revision(): Promise<number>; readAll(): Promise<T> } {
    const state: ReadState = { hasAnswered: false, isGivenOut: false };
    const copy = (): Promise<T | undefined> => file.read();
    const read = async (): Promise<T> => {
      const all = await source.readAll();
      state.hasAnswered = true;
      this.#write(what, () => file.write(all));
      return all;
    };
    return {
      revision: () =>
        this.#answerOrCopy({ what, state, ask: () => source.revision(), copy }, ({ revision }) => revision),
      readAll: async () => {
        const all = await this.#answerOrCopy({ what, state, ask: read, copy }, (whole) => whole);
        state.isGivenOut = true;
        return all;
      },
    };
  }

  async #answerOrCopy<V, C extends { readonly revision: number }>(
    { what, state, ask, copy }: Asked<V, C>,
    pick: (copy: C) => V,
  ): Promise<V> {
    const copied = async (error?: unknown): Promise<C | undefined> => {
      const found = await this.#queued(what, copy);
      if (found === undefined) return undefined;
      this.#log.warn(`${what} cannot be read; the copy is served`, { revision: found.revision, error });
      return found;
    };
    if (this.#isAway && !state.hasAnswered && !state.isGivenOut) {
      const found = await copied();
      if (found !== undefined) return pick(found);
    }
    try {
      const answer = await ask();
      this.#isAway = false;
      return answer;
    } catch (error) {
      if (state.hasAnswered || !isUnavailable(error)) throw error;
      this.#isAway = true;
      const found = await copied(error);
      if (found === undefined) throw error;
      return pick(found);
    }
  }

  #write(what: string, work: () => Promise<void>): void {
    const written = this.#queued(what, work).catch((error: unknown) =>
      this.#log.error(`the copy of ${what} could not be written`, { error }),
    );
    this.#writing.set(what, written);
  }

  /** Reads what has been written by then. */
  #queued<T>(what: string, work: () => Promise<T>): Promise<T> {
    return (this.#writing.get(what) ?? Promise.resolve()).then(work);
  }
}

/** Appends what changed to what the journal holds; writes it anew when it holds something else. */
async function keep(
  journal: DocumentJournal,
  changes: DocumentChanges,
  since: number,
  source: DocumentSource,
): Promise<void> {
  if (changes.isComplete) {
    if (!journal.holds(changes)) await journal.replace(changes);
  } else if (journal.revision !== since) await journal.replace(await source.changesSince(0));
  else if (changes.revision !== since) await journal.append(changes);
}

function isUnavailable(error: unknown): boolean {
  return error instanceof AppError && error.code === "unavailable";
}
