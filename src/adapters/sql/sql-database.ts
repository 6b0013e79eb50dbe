import { setTimeout as delay } from "node:timers/promises";
import { Kysely, type Transaction } from "kysely";
import { AppError } from "../../core/errors.ts";
import { type SqlTraits, sqlTarget } from "./sql-dialects.ts";
import { isTransient, translateError } from "./sql-errors.ts";
import type { Tables } from "./tables.ts";

/** Most times that a transaction is tried when others are in its way. */
const maxTries = 8;
/** Longest time for one piece of work, whatever the driver does with a connection that went silent. */
const deadlineMs = 15_000;

/**
 * One of the three databases, opened once per process and shared by its stores. Errors of the database come out as
 * `unavailable`; duplicate keys and defects of statements stay as the driver throws them.
 */
export class SqlDatabase {
  readonly traits: SqlTraits;
  /** For people: the address without user and password. */
  readonly label: string;
  readonly #kysely: Kysely<Tables>;
  #closing: Promise<void> | undefined;

  /** @param address `sqlite:PATH`, `postgres://…` or `mysql://…`; @throws AppError `invalid_configuration` */
  constructor(address: string) {
    const { dialect, traits, label } = sqlTarget(address);
    this.traits = traits;
    this.label = label;
    this.#kysely = new Kysely<Tables>({ dialect });
  }

  /** Runs statements that need no transaction. */
  read<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return within(deadlineMs, () => work(this.#kysely));
  }

  /** Runs `work` in one transaction, again from its start when another one was in its way. */
  transaction<T>(work: (db: Transaction<Tables>) => Promise<T>): Promise<T> {
    return within(deadlineMs, async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await this.#kysely.transaction().execute(work);
        } catch (error) {
          if (!isTransient(error) || attempt === maxTries) throw error;
          await delay(Math.random() * 10 * 2 ** attempt);
        }
      }
    });
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

async function within<T>(limitMs: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new AppError("unavailable", "The database does not answer in time. Try again."));
    }, limitMs);
  });
  try {
    return await Promise.race([work(), late]);
  } catch (error) {
    throw translateError(error);
  } finally {
    clearTimeout(timer);
  }
}
