import { closeSync, openSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type Kysely,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
  type SqliteDatabase,
  type TransactionSettings,
} from "kysely";
import { isTransient } from "./sql-errors.ts";
import { sqlLimits } from "./sql-limits.ts";

/** How long opening the file waits for another process. */
const openTimeoutMs = 5_000;
/** How often migrations look whether those of another process have ended. */
const lookMs = 20;

/** SQLite through the API of `node:sqlite`, in a file that several processes may have open. */
export class SqliteFileDialect extends SqliteDialect {
  readonly #path: string;

  /** @param path of the file, which is made when it is not there */
  constructor(path: string) {
    super({ database: async () => openFile(path) });
    this.#path = path;
  }

  override createDriver(): Driver {
    return new ImmediateDriver({ database: async () => openFile(this.#path) });
  }

  override createAdapter(): SqliteAdapter {
    return new LockingAdapter();
  }
}

/** A transaction that reads before it writes would fail when another process wrote in between: it locks at once. */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection, settings?: TransactionSettings): Promise<void> {
    const isReadOnly = settings?.accessMode === "read only";
    await connection.executeQuery(CompiledQuery.raw(isReadOnly ? "begin" : "begin immediate"));
  }
}

/** Migrations of several processes wait for each other; all steps of one run are one transaction. */
class LockingAdapter extends SqliteAdapter {
  override async acquireMigrationLock(db: Kysely<unknown>): Promise<void> {
    for (const giveUpAt = performance.now() + sqlLimits.workMs; ; await delay(lookMs)) {
      try {
        await db.executeQuery(CompiledQuery.raw("begin exclusive"));
        return;
      } catch (error) {
        if (!isTransient(error) || performance.now() > giveUpAt) throw error;
      }
    }
  }

  override async releaseMigrationLock(db: Kysely<unknown>): Promise<void> {
    await db.executeQuery(CompiledQuery.raw("commit"));
  }
}

function openFile(path: string): SqliteDatabase {
  // Its owner alone reads it: hashes of passwords are in it. SQLite gives its other files the same mode.
  closeSync(openSync(path, "a", 0o600));
  const database = new DatabaseSync(path);
  database.exec(`pragma busy_timeout = ${openTimeoutMs}`);
  database.exec("pragma journal_mode = wal");
  // What was answered survives a power cut too; "normal" would lose the last commits.
  database.exec("pragma synchronous = full");
  database.exec("pragma foreign_keys = on");
  // SQLite would wait for the lock in the middle of the event loop. It fails at once; who asked tries again.
  database.exec("pragma busy_timeout = 0");
  const prepared = new Map<string, ReturnType<SqliteDatabase["prepare"]>>();
  return {
    prepare: (sql) => {
      const known = prepared.get(sql);
      if (known !== undefined) return known;
      const statement = prepare(database, sql);
      if (prepared.size >= maxPrepared) prepared.clear();
      prepared.set(sql, statement);
      return statement;
    },
    close: () => database.close(),
  };
}

/** Statements that are kept compiled; the program has fewer, lists of values make more. */
const maxPrepared = 500;

type SqliteParameter = Parameters<ReturnType<DatabaseSyncInstance["prepare"]>["run"]>[number];

function prepare(database: DatabaseSyncInstance, sql: string): ReturnType<SqliteDatabase["prepare"]> {
  const statement = database.prepare(sql);
  // Kysely hands on what queries were given: texts, numbers and null in this program.
  const values = (parameters: readonly unknown[]): SqliteParameter[] => [...parameters] as SqliteParameter[];
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...values(parameters)),
    run: (parameters) => statement.run(...values(parameters)),
    iterate: (parameters) => statement.iterate(...values(parameters)) as IterableIterator<unknown>,
  };
}
