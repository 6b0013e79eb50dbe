import { migrate, pendingMigrations } from "../../adapters/sql/migrate.ts";
import { SqlConfigStore } from "../../adapters/sql/sql-config-store.ts";
import { SqlDatabase } from "../../adapters/sql/sql-database.ts";
import { summarizeText } from "../../adapters/yaml/read-document-text.ts";
import { YamlConfigStore } from "../../adapters/yaml/yaml-config-store.ts";
import type { ConfigStore } from "../../core/config-store.ts";

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

const folderScheme = "yaml:";

/** Opens both with their schema brought up to date. @throws AppError as stores and migrations do */
export async function openStores({ store, database = store }: StoreAddresses): Promise<OpenStores> {
  const databases = new Map<string, SqlDatabase>();
  const schemas = new Map<string, string | null>();
  const closeAll = async (): Promise<void> => {
    await Promise.all([...databases.values()].map((opened) => opened.close()));
  };
  const openDatabase = async (address: string): Promise<SqlDatabase> => {
    const opened = databases.get(address) ?? new SqlDatabase(address);
    if (databases.has(address)) return opened;
    databases.set(address, opened);
    await migrate(opened);
    schemas.set(address, (await pendingMigrations(opened)).applied.at(-1) ?? null);
    return opened;
  };
  try {
    const accounts = database.startsWith(folderScheme) ? undefined : await openDatabase(database);
    const documents = store.startsWith(folderScheme)
      ? await YamlConfigStore.open({
          root: store.slice(folderScheme.length),
          clock: Date.now,
          summarize: summarizeText,
        })
      : new SqlConfigStore(await openDatabase(store), Date.now);
    const close = async (): Promise<void> => {
      await documents.close();
      await closeAll();
    };
    return { documents, database: accounts, schema: schemas.get(database) ?? null, close };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
