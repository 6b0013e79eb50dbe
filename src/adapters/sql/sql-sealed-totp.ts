import { isJsonObject } from "../../core/json.ts";
import type { ResealedSecret, SealedValue } from "../../core/secret-store.ts";
import type { SqlDatabase } from "./sql-database.ts";

/** A sealed value and what it was sealed for. */
export interface PlacedValue extends SealedValue {
  readonly tenant: string;
  readonly name: string;
}

const columns = ["totp_secret", "totp_pending"] as const;
/** What one-time passwords of a user are sealed for. */
const tenant = "*";
const namePrefix = "totp/";

/** The sealed secrets of one-time passwords, for sealing them anew; they are part of the users' rows. */
export class SqlSealedTotp {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async readAll(): Promise<{ readonly secrets: readonly PlacedValue[] }> {
    const rows = await this.#database.read((db) =>
      db
        .selectFrom("users")
        .select(["id", "totp_secret", "totp_pending"])
        .where((where) => where.or(columns.map((column) => where(column, "is not", null))))
        .execute(),
    );
    const secrets = rows.flatMap((row) =>
      columns.flatMap((column) => {
        const sealed = sealedOf(row[column]);
        return sealed === undefined ? [] : [{ tenant, name: namePrefix + row.id, ...sealed }];
      }),
    );
    return { secrets };
  }

  /** Replaces each that is still what it `replaces`; answers how many. */
  async reseal(sealed: readonly ResealedSecret[]): Promise<number> {
    let replaced = 0;
    for (const one of sealed) replaced += await this.#resealOne(one);
    return replaced;
  }

  async #resealOne({ name, keyId, ciphertext, replaces }: ResealedSecret): Promise<number> {
    const id = name.slice(namePrefix.length);
    return this.#database.transaction(async (db) => {
      const row = await db.selectFrom("users").select(columns).where("id", "=", id).executeTakeFirst();
      const column = columns.find((candidate) => sealedOf(row?.[candidate])?.ciphertext === replaces);
      const text = column && row?.[column];
      if (column === undefined || typeof text !== "string") return 0;
      const { numUpdatedRows } = await db
        .updateTable("users")
        .set({ [column]: JSON.stringify({ keyId, ciphertext }) })
        .where("id", "=", id)
        // Somebody may have set up a new one since it was read.
        .where(column, "=", text)
        .executeTakeFirstOrThrow();
      return Number(numUpdatedRows);
    });
  }
}

function sealedOf(text: string | null | undefined): SealedValue | undefined {
  const parsed: unknown = typeof text === "string" ? JSON.parse(text) : undefined;
  if (!isJsonObject(parsed)) return undefined;
  const { keyId, ciphertext } = parsed;
  return typeof keyId === "string" && typeof ciphertext === "string" ? { keyId, ciphertext } : undefined;
}
