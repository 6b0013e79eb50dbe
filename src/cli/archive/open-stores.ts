import { pendingMigrations } from "../../adapters/sql/migrate.ts";
import type { SqlDatabase } from "../../adapters/sql/sql-database.ts";
import { isFolder, openFolder, openStores as openBoth } from "../../compose/stores.ts";
import type { ConfigStore } from "../../core/config-store.ts";
import { silentLog } from "../../core/log.ts";

export interface StoreAddresses {
  /** `yaml:FOLDER`, or a database. */
  readonly store: string;
  /** The store when that is a database, else none, unless given. */
  readonly database?: string | undefined;
}

export interface OpenStores {
  readonly documents: ConfigStore;
  /** Where users, keys and the audit log are; undefined when the documents are in a folder and no database was given. */
  readonly database: SqlDatabase | undefined;
  /** Last step of the database's schema. */
  readonly schema: string | null;
  close(): Promise<void>;
}

/** Opens both with their schema brought up to date. @throws AppError as stores and migrations do */
export async function openStores({ store, database: address }: StoreAddresses): Promise<OpenStores> {
  if (address === undefined && isFolder(store)) {
    const documents = await openFolder(store);
    return { documents, database: undefined, schema: null, close: () => documents.close() };
  }
  const stores = await openBoth({ store, database: address ?? store }, silentLog);
  const { applied } = await pendingMigrations(stores.database);
  return { ...stores, schema: applied.at(-1) ?? null };
}
