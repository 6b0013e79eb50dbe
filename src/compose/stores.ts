import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { migrate } from "../adapters/sql/migrate.ts";
import { SqlConfigStore } from "../adapters/sql/sql-config-store.ts";
import { SqlDatabase } from "../adapters/sql/sql-database.ts";
import { summarizeText } from "../adapters/yaml/read-document-text.ts";
import { YamlConfigStore } from "../adapters/yaml/yaml-config-store.ts";
import type { ConfigStore } from "../core/config-store.ts";
import { AppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";

/** Where everything is kept. */
export interface StoreAddresses {
  /** `yaml:FOLDER`, or an address of a database. */
  readonly store: string;
  /** Of users, keys, secrets and the audit log; `store` when that is a database. */
  readonly database: string;
}

/** Documents and the database beside them, or the one that they are in. */
export interface Stores {
  readonly documents: ConfigStore;
  readonly database: SqlDatabase;
  /** May be called twice. */
  close(): Promise<void>;
}

const yamlScheme = "yaml:";

/**
 * Settles where documents and accounts are kept.
 *
 * @throws AppError `invalid_configuration` when documents are in files and nothing says where accounts are to be
 */
export function storeAddresses({ store, database, fallback }: AddressSettings): StoreAddresses {
  const place = store ?? database ?? fallback;
  if (place === undefined) {
    throw new AppError(
      "invalid_configuration",
      "Say where documents are kept: --store yaml:FOLDER, sqlite:FILE, postgres://… or mysql://…",
    );
  }
  const accounts = database ?? (isFolder(place) ? fallback : place);
  if (accounts !== undefined) return { store: place, database: accounts };
  throw new AppError(
    "invalid_configuration",
    "Documents are in files, so accounts need a database: give --database sqlite:FILE, postgres://… or mysql://…, or --state-dir for a SQLite file there.",
  );
}

interface AddressSettings {
  readonly store: string | undefined;
  readonly database: string | undefined;
  /** Database that is used when nothing else is given. */
  readonly fallback: string | undefined;
}

/** Whether documents are files of a folder. */
export function isFolder(store: string): boolean {
  return store.startsWith(yamlScheme);
}

/** PostgreSQL tells of changes by itself. */
export function isPostgres(address: string): boolean {
  return /^postgres(?:ql)?:/.test(address);
}

/** The folder of `yaml:FOLDER`. */
export function folderOf(store: string): string {
  return store.slice(yamlScheme.length);
}

/**
 * Opens both and brings the schema up to date. Throws as `migrate` does; nothing stays open then.
 *
 * @param mayBeAway a database that does not answer is no reason to fail: it is used when it is back
 */
export async function openStores(
  { store, database: address }: StoreAddresses,
  log: Log,
  mayBeAway = false,
): Promise<Stores> {
  const database = await openDatabase(address, log, mayBeAway);
  try {
    if (isFolder(store)) return joined(database, await openFolder(store));
    if (store === address) return joined(database, new SqlConfigStore(database, Date.now));
    const other = await openDatabase(store, log, mayBeAway);
    return joined(database, new SqlConfigStore(other, Date.now), other);
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** A database whose schema is that of this program. */
async function openDatabase(address: string, log: Log, mayBeAway: boolean): Promise<SqlDatabase> {
  const database = await reachDatabase(address);
  try {
    const { pending } = await migrate(database);
    if (pending.length > 0) log.info("schema brought up to date", { database: database.label, steps: pending.length });
    return database;
  } catch (error) {
    if (mayBeAway && error instanceof AppError && error.code === "unavailable") {
      log.warn("the database does not answer", { database: database.label, error });
      return database;
    }
    await database.close();
    throw error;
  }
}

/** A database as it is; a SQLite file gets its folder. */
export async function reachDatabase(address: string): Promise<SqlDatabase> {
  if (address.startsWith("sqlite:")) await makeFolder(dirname(address.slice("sqlite:".length)));
  return new SqlDatabase(address);
}

/** Documents in files of `yaml:FOLDER`. */
export function openFolder(store: string): Promise<YamlConfigStore> {
  return YamlConfigStore.open({ root: folderOf(store), clock: Date.now, summarize: summarizeText });
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new AppError("invalid_configuration", `The folder ${path} cannot be made.`, { cause });
  }
}

function joined(database: SqlDatabase, documents: ConfigStore, other?: SqlDatabase): Stores {
  return {
    documents,
    database,
    close: async () => {
      await documents.close();
      await Promise.all([database.close(), other?.close()]);
    },
  };
}
