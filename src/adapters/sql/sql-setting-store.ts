import { AppError } from "../../core/errors.ts";
import type { PutSetting, SettingStore, StoredSetting } from "../../core/setting-store.ts";
import type { SettingRow } from "./server-tables.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { isDuplicateKey } from "./sql-errors.ts";

export class SqlSettingStore implements SettingStore {
  readonly #database: SqlDatabase;
  readonly #clock: () => number;

  /** @param clock milliseconds since 1970 */
  constructor(database: SqlDatabase, clock: () => number) {
    this.#database = database;
    this.#clock = clock;
  }

  async get(name: string): Promise<StoredSetting | undefined> {
    const row = await this.#database.read((db) =>
      db.selectFrom("settings").selectAll().where("name", "=", name).executeTakeFirst(),
    );
    if (row === undefined) return undefined;
    const updatedBy = { id: row.updated_by_id, name: row.updated_by_name };
    return { value: JSON.parse(row.value), version: row.version, updatedBy, updatedAt: row.updated_at };
  }

  async put({ name, value, author, basedOn }: PutSetting): Promise<StoredSetting> {
    const updatedAt = this.#clock();
    const version = basedOn + 1;
    const row = {
      value: JSON.stringify(value),
      version,
      updated_by_id: author.id,
      updated_by_name: author.name,
      updated_at: updatedAt,
    };
    const isDone = basedOn === 0 ? await this.#insert({ name, ...row }) : await this.#update(name, basedOn, row);
    if (!isDone) throw new AppError("conflict", "Somebody else has changed this setting. Read it again.");
    return { value, version, updatedBy: author, updatedAt };
  }

  async #insert(row: SettingRow): Promise<boolean> {
    try {
      await this.#database.transaction((db) => db.insertInto("settings").values(row).execute());
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  async #update(name: string, basedOn: number, row: Omit<SettingRow, "name">): Promise<boolean> {
    const { numUpdatedRows } = await this.#database.transaction((db) =>
      db
        .updateTable("settings")
        .set(row)
        .where("name", "=", name)
        .where("version", "=", basedOn)
        .executeTakeFirstOrThrow(),
    );
    return numUpdatedRows === 1n;
  }
}
