import { type ExpressionBuilder, type Kysely, sql, type Transaction } from "kysely";
import type { ApiKeyInfo, ApiKeyStore, KeyFingerprint } from "../../core/api-key-store.ts";
import { AppError } from "../../core/errors.ts";
import type { KeyRecord, KeyRecords, KeySource } from "../../core/key-source.ts";
import type { Page, PageQuery } from "../../core/page.ts";
import { everyTenant, isRole } from "../../core/role.ts";
import type { User } from "../../core/user-store.ts";
import { readCursor, toPage } from "./list-page.ts";
import type { ApiKeyRow } from "./people-tables.ts";
import { currentRevision, nextRevision } from "./revisions.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { Tables } from "./tables.ts";
import { requireTenant, userWithLiveRoles } from "./user-rows.ts";

/** API keys in one of the three databases: for those who make them, and for gateways. */
export class SqlKeyStore implements ApiKeyStore, KeySource {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async list(tenant: string, query: PageQuery): Promise<Page<ApiKeyInfo>> {
    const after = query.cursor === undefined ? undefined : readPosition(query.cursor);
    const rows = await this.#database.read((db) => {
      let select = db
        .selectFrom("api_keys")
        .selectAll()
        .where("tenant", "=", tenant)
        .orderBy("name")
        .orderBy("id")
        .limit(query.limit + 1);
      if (after !== undefined)
        select = select.where((eb) =>
          eb.or([eb("name", ">", after.name), eb.and([eb("name", "=", after.name), eb("id", ">", after.id)])]),
        );
      return select.execute();
    });
    return toPage(rows, query, { item: rows.map(toInfo), position: ({ name, id }) => `${id} ${name}` });
  }

  async get(tenant: string, id: string): Promise<ApiKeyInfo | undefined> {
    const row = await this.#database.read((db) => find(db, tenant, id));
    return row === undefined ? undefined : toInfo(row);
  }

  create(key: ApiKeyInfo, sha256: string): Promise<ApiKeyInfo> {
    return this.#change(async (db) => {
      await requireTenant(db, key.tenant);
      const owner = await db
        .selectFrom("users")
        .select("id")
        .where("id", "=", key.ownerId)
        .where("status", "=", "active")
        .executeTakeFirst();
      if (owner === undefined) throw new AppError("not_found", "The key has no owner who is active.");
      await db.insertInto("api_keys").values(toRow(key, sha256)).execute();
      return key;
    });
  }

  rotate(tenant: string, id: string, { sha256, hint }: KeyFingerprint): Promise<ApiKeyInfo> {
    return this.#change(async (db) => {
      await db
        .updateTable("api_keys")
        .set({ sha256, hint, used_at: null })
        .where("tenant", "=", tenant)
        .where("id", "=", id)
        .execute();
      const row = await find(db, tenant, id);
      if (row === undefined) throw new AppError("not_found", "There is no such key in this tenant.");
      return toInfo(row);
    });
  }

  delete(tenant: string, id: string): Promise<boolean> {
    return this.#change(async (db) => {
      const { numDeletedRows } = await db
        .deleteFrom("api_keys")
        .where("tenant", "=", tenant)
        .where("id", "=", id)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    });
  }

  find(sha256: string, now: number): Promise<{ key: ApiKeyInfo; owner: User } | undefined> {
    return this.#database.read(async (db) => {
      const row = await db
        .selectFrom("api_keys")
        .selectAll()
        .where("sha256", "=", sha256)
        .where(isOfLiveTenant)
        .executeTakeFirst();
      if (row === undefined || (row.expires_at !== null && row.expires_at <= now)) return undefined;
      const owner = await db
        .selectFrom("users")
        .selectAll()
        .where("id", "=", row.owner_id)
        .where("status", "=", "active")
        .executeTakeFirst();
      return owner === undefined ? undefined : { key: toInfo(row), owner: await userWithLiveRoles(db, owner) };
    });
  }

  revision(): Promise<number> {
    return this.#database.read((db) => currentRevision(db, "keys"));
  }

  async readAll(): Promise<KeyRecords> {
    return this.#database.read(async (db) => {
      // The revision first: what changes between the two reads is read again at the next one.
      const revision = await currentRevision(db, "keys");
      const rows = await db
        .selectFrom("api_keys")
        .selectAll()
        .where("purpose", "=", "mcp")
        .where(isOfLiveTenant)
        .where(hasLiveOwner)
        .orderBy("id")
        .execute();
      const disabled = await db.selectFrom("tenants").select("id").where("disabled", "=", 1).orderBy("id").execute();
      return { revision, keys: rows.map(toRecord), disabledTenants: disabled.map(({ id }) => id) };
    });
  }

  async recordUse(lastUsedAt: ReadonlyMap<string, number>): Promise<void> {
    for (const [id, at] of lastUsedAt) {
      await this.#database.read((db) =>
        db
          .updateTable("api_keys")
          .set({ used_at: at })
          .where("id", "=", id)
          .where((eb) => eb.or([eb("used_at", "is", null), eb("used_at", "<", at)]))
          .execute(),
      );
    }
  }

  #change<T>(work: (db: Transaction<Tables>) => Promise<T>): Promise<T> {
    return this.#database.transaction(async (db) => {
      await nextRevision(db, "keys");
      return work(db);
    });
  }
}

function isOfLiveTenant(eb: ExpressionBuilder<Tables, "api_keys">) {
  const enabled = eb.selectFrom("tenants").select("tenants.id").where("disabled", "=", 0);
  return eb.or([eb("tenant", "=", everyTenant), eb("tenant", "in", enabled)]);
}

/** The owner is active and still has a role in the tenant of the key. */
function hasLiveOwner(eb: ExpressionBuilder<Tables, "api_keys">) {
  return eb.exists(
    eb
      .selectFrom("memberships")
      .innerJoin("users", "users.id", "memberships.user_id")
      .select(sql.lit(1).as("one"))
      .whereRef("memberships.user_id", "=", "api_keys.owner_id")
      .where("users.status", "=", "active")
      .where((inner) =>
        inner.or([
          inner("memberships.tenant", "=", everyTenant),
          inner("memberships.tenant", "=", inner.ref("api_keys.tenant")),
        ]),
      ),
  );
}

function find(db: Kysely<Tables>, tenant: string, id: string): Promise<ApiKeyRow | undefined> {
  return db.selectFrom("api_keys").selectAll().where("tenant", "=", tenant).where("id", "=", id).executeTakeFirst();
}

function readPosition(cursor: string): { readonly id: string; readonly name: string } {
  const position = readCursor(cursor);
  const space = position.indexOf(" ");
  return { id: position.slice(0, space), name: position.slice(space + 1) };
}

function toRow(key: ApiKeyInfo, sha256: string): ApiKeyRow {
  return {
    id: key.id,
    sha256,
    hint: key.hint,
    name: key.name,
    owner_id: key.ownerId,
    tenant: key.tenant,
    purpose: key.use.kind,
    role: key.use.kind === "api" ? key.use.role : null,
    servers: key.servers === undefined ? null : JSON.stringify(key.servers),
    tools: key.tools === undefined ? null : JSON.stringify(key.tools),
    created_at: key.createdAt,
    expires_at: key.expiresAt ?? null,
    used_at: null,
  };
}

function toInfo(row: ApiKeyRow): ApiKeyInfo {
  return {
    id: row.id,
    hint: row.hint,
    name: row.name,
    ownerId: row.owner_id,
    tenant: row.tenant,
    use: row.purpose === "api" ? { kind: "api", role: isRole(row.role) ? row.role : "viewer" } : { kind: "mcp" },
    ...scopesOf(row),
    createdAt: row.created_at,
    ...(row.used_at === null ? {} : { usedAt: row.used_at }),
  };
}

function toRecord(row: ApiKeyRow): KeyRecord {
  return { id: row.id, sha256: row.sha256, name: row.name, tenant: row.tenant, ...scopesOf(row) };
}

function scopesOf(row: ApiKeyRow): Pick<KeyRecord, "servers" | "tools" | "expiresAt"> {
  return {
    ...(row.servers === null ? {} : { servers: textsOf(row.servers) }),
    ...(row.tools === null ? {} : { tools: textsOf(row.tools) }),
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
  };
}

/** A list that is damaged opens nothing. */
function textsOf(json: string): readonly string[] {
  const list: unknown = JSON.parse(json);
  return Array.isArray(list) ? list.filter((item): item is string => typeof item === "string") : [];
}
