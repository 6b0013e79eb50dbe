import { setTimeout as delay } from "node:timers/promises";
import { Kysely, type Transaction } from "kysely";
import { AppError } from "../../core/errors.ts";
import { Lane } from "./lane.ts";
import { type SqlTraits, sqlTarget } from "./sql-dialects.ts";
import { isTransient, translateError } from "./sql-errors.ts";
import { sqlLimits } from "./sql-limits.ts";
import type { Tables } from "./tables.ts";

/** Longest pause before something is tried again. */
const maxPauseMs = 50;

/**
 * One of the three databases, opened once per process and shared by its stores. Errors of the database come out as
 * `unavailable`; duplicate keys and defects of statements stay as the driver throws them.
 */
export class SqlDatabase {
  readonly traits: SqlTraits;
  /** For people: the address without user and password. */
  readonly label: string;
  readonly #kysely: Kysely<Tables>;
  readonly #writers = new Lane(sqlLimits.writers);
  #closing: Promise<void> | undefined;

  /** @param address `sqlite:PATH`, `postgres://…` or `mysql://…`; @throws AppError `invalid_configuration` */
  constructor(address: string) {
    const { dialect, traits, label } = sqlTarget(address);
    this.traits = traits;
    this.label = label;
    this.#kysely = new Kysely<Tables>({ dialect });
  }

  /** Runs statements that need no transaction; again from the start when somebody was in the way. */
  read<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return tryUntilLate(() => work(this.#kysely));
  }

  /** Runs `work` in one transaction, again from its start when another one was in its way. */
  transaction<T>(work: (db: Transaction<Tables>) => Promise<T>): Promise<T> {
    return tryUntilLate((isLate) =>
      this.#writers.run(async () => {
        if (isLate()) throw tooLate();
        return this.#kysely.transaction().execute(work);
      }),
    );
  }

  /** For migrations, which are given the whole database. */
  get kysely(): Kysely<Tables> {
    return this.#kysely;
  }

  /** May be called twice. */
  close(): Promise<void> {
    this.#closing ??= this.#kysely.destroy();
    return this.#closing;
  }
}

async function tryUntilLate<T>(work: (isLate: () => boolean) => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + sqlLimits.workMs;
  const isLate = (): boolean => performance.now() > giveUpAt;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(tooLate()), sqlLimits.workMs);
  });
  try {
    return await Promise.race([tryAgain(() => work(isLate), isLate), late]);
  } catch (error) {
    throw translateError(error);
  } finally {
    clearTimeout(timer);
  }
}

async function tryAgain<T>(work: () => Promise<T>, isLate: () => boolean): Promise<T> {
  for (let pauseMs = 1; ; pauseMs = Math.min(2 * pauseMs, maxPauseMs)) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error) || isLate()) throw error;
      await delay(Math.random() * pauseMs);
    }
  }
}

function tooLate(): AppError {
  return new AppError("unavailable", "The database does not answer in time. Try again.");
}
