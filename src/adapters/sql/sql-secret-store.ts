import type { Transaction } from "kysely";
import { AppError } from "../../core/errors.ts";
import {
  maxSecretsOfTenant,
  type PutSecret,
  type ResealedSecret,
  type SealedSecret,
  type SealedSecrets,
  type SecretInfo,
  type SecretStore,
} from "../../core/secret-store.ts";
import { currentRevision, nextRevision } from "./revisions.ts";
import type { SecretRow } from "./secret-tables.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { Tables } from "./tables.ts";

const topic = "secrets";
const infoColumns = [
  "tenant",
  "name",
  "description",
  "version",
  "updated_by_id",
  "updated_by_name",
  "updated_at",
] as const;

/** Sealed secrets in a database that others share: whoever opened the database closes it. */
export class SqlSecretStore implements SecretStore {
  readonly #database: SqlDatabase;
  readonly #clock: () => number;
  readonly #maxOfTenant: number;

  /** @param clock milliseconds since 1970 */
  constructor(database: SqlDatabase, clock: () => number, maxOfTenant = maxSecretsOfTenant) {
    this.#database = database;
    this.#clock = clock;
    this.#maxOfTenant = maxOfTenant;
  }

  async list(tenant: string): Promise<readonly SecretInfo[]> {
    const rows = await this.#database.read((db) =>
      db.selectFrom("secrets").select(infoColumns).where("tenant", "=", tenant).execute(),
    );
    // Databases order texts by their own rules.
    return rows.map(toInfo).sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  put({ tenant, name, description, author, keyId, ciphertext }: PutSecret): Promise<SecretInfo> {
    return this.#database.transaction(async (db) => {
      // The lock on the topic makes this the only writer: the version that is read stays the newest.
      await nextRevision(db, topic);
      const known = await db
        .selectFrom("secrets")
        .select("version")
        .where("tenant", "=", tenant)
        .where("name", "=", name)
        .executeTakeFirst();
      const row: SecretRow = {
        tenant,
        name,
        description,
        version: (known?.version ?? 0) + 1,
        key_id: keyId,
        ciphertext,
        updated_by_id: author.id,
        updated_by_name: author.name,
        updated_at: this.#clock(),
      };
      if (known === undefined) await insert(db, row, this.#maxOfTenant);
      else await db.updateTable("secrets").set(row).where("tenant", "=", tenant).where("name", "=", name).execute();
      return toInfo(row);
    });
  }

  delete(tenant: string, name: string): Promise<boolean> {
    return this.#database.transaction(async (db) => {
      await nextRevision(db, topic);
      const { numDeletedRows } = await db
        .deleteFrom("secrets")
        .where("tenant", "=", tenant)
        .where("name", "=", name)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    });
  }

  revision(): Promise<number> {
    return this.#database.read((db) => currentRevision(db, topic));
  }

  async readAll(): Promise<SealedSecrets> {
    // First the revision: what is committed between the two reads is read again at the next revision, never missed.
    const revision = await this.revision();
    const rows = await this.#database.read((db) => db.selectFrom("secrets").selectAll().execute());
    return { revision, secrets: rows.map(toSealed) };
  }

  reseal(sealed: readonly ResealedSecret[]): Promise<number> {
    return this.#database.transaction(async (db) => {
      await nextRevision(db, topic);
      let replaced = 0;
      for (const { tenant, name, keyId, ciphertext, replaces } of sealed) {
        const { numUpdatedRows } = await db
          .updateTable("secrets")
          .set({ key_id: keyId, ciphertext })
          .where("tenant", "=", tenant)
          .where("name", "=", name)
          .where("ciphertext", "=", replaces)
          .executeTakeFirstOrThrow();
        replaced += Number(numUpdatedRows);
      }
      return replaced;
    });
  }

  async close(): Promise<void> {
    // Nothing is held but the database, which is not its own.
  }
}

async function insert(db: Transaction<Tables>, row: SecretRow, maxOfTenant: number): Promise<void> {
  const { count } = await db
    .selectFrom("secrets")
    .select(({ fn }) => fn.countAll<number | string>().as("count"))
    .where("tenant", "=", row.tenant)
    .executeTakeFirstOrThrow();
  if (Number(count) >= maxOfTenant) {
    throw new AppError("unprocessable", `The tenant ${row.tenant} has ${count} secrets already; more are not kept.`);
  }
  await db.insertInto("secrets").values(row).execute();
}

function toInfo(row: Omit<SecretRow, "key_id" | "ciphertext">): SecretInfo {
  return {
    tenant: row.tenant,
    name: row.name,
    description: row.description,
    version: row.version,
    updatedBy: { id: row.updated_by_id, name: row.updated_by_name },
    updatedAt: row.updated_at,
  };
}

function toSealed(row: SecretRow): SealedSecret {
  return { ...toInfo(row), keyId: row.key_id, ciphertext: row.ciphertext };
}
