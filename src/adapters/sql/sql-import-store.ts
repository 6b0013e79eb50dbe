import type { DocumentRef } from "../../core/config-store.ts";
import { AppError } from "../../core/errors.ts";
import type { ImportStore, StoredImport } from "../../core/import-store.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { parseJson, stringifyJson } from "../../core/lossless-json.ts";
import type { ServerImportRow } from "./import-tables.ts";
import type { SqlDatabase } from "./sql-database.ts";

/** Imports in a database that others share: whoever opened the database closes it. */
export class SqlImportStore implements ImportStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async get({ tenant, name }: DocumentRef): Promise<StoredImport | undefined> {
    const row = await this.#database.read((db) =>
      db
        .selectFrom("server_imports")
        .selectAll()
        .where("tenant", "=", tenant)
        .where("server", "=", name)
        .executeTakeFirst(),
    );
    return row === undefined ? undefined : fromRow(row);
  }

  async put({ tenant, name }: DocumentRef, imported: StoredImport): Promise<void> {
    const row = toRow(tenant, name, imported);
    await this.#database.transaction(async (db) => {
      // The three databases have no one statement for it.
      await db.deleteFrom("server_imports").where("tenant", "=", tenant).where("server", "=", name).execute();
      await db.insertInto("server_imports").values(row).execute();
    });
  }

  async delete({ tenant, name }: DocumentRef): Promise<void> {
    await this.#database.transaction((db) =>
      db.deleteFrom("server_imports").where("tenant", "=", tenant).where("server", "=", name).execute(),
    );
  }
}

function toRow(tenant: string, server: string, imported: StoredImport): ServerImportRow {
  const { kind, source, address, choices, names, document, descriptionHash, importedAt, importedBy } = imported;
  return {
    tenant,
    server,
    kind,
    source,
    address: address ?? null,
    choices: stringifyJson(choices),
    description_hash: descriptionHash,
    imported_at: importedAt,
    imported_by_id: importedBy.id,
    imported_by_name: importedBy.name,
    names: stringifyJson(names),
    document: stringifyJson(document),
  };
}

function fromRow(row: ServerImportRow): StoredImport {
  const names = objectIn(row.names);
  return {
    kind: "openapi",
    source: row.source,
    ...(row.address === null ? {} : { address: row.address }),
    choices: objectIn(row.choices),
    names: Object.fromEntries(
      Object.entries(names).flatMap(([operation, tool]) => (typeof tool === "string" ? [[operation, tool]] : [])),
    ),
    document: objectIn(row.document),
    descriptionHash: row.description_hash,
    importedAt: row.imported_at,
    importedBy: { id: row.imported_by_id, name: row.imported_by_name },
  };
}

function objectIn(text: string): JsonObject {
  const value = parseJson(text);
  if (isJsonObject(value)) return value;
  throw new AppError("internal", "A record of an import cannot be read.");
}
