import type { Kysely, Transaction } from "kysely";
import { AppError } from "../../core/errors.ts";
import type { Page, PageQuery } from "../../core/page.ts";
import type { Tenant, TenantChange, TenantStore } from "../../core/tenant-store.ts";
import { markDeleted } from "./conversations/conversation-writes.ts";
import { containsText, readCursor, toPage } from "./list-page.ts";
import type { TenantRow } from "./people-tables.ts";
import { nextRevision } from "./revisions.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { Tables } from "./tables.ts";

const lastingTenant = "default";

/** Tenants in one of the three databases. A change may concern keys, so each takes the lock of that topic. */
export class SqlTenantStore implements TenantStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async list(query: PageQuery & { readonly search?: string | undefined }): Promise<Page<Tenant>> {
    const { cursor, limit, search } = query;
    const after = cursor === undefined ? undefined : readCursor(cursor);
    const rows = await this.#database.read((db) => {
      let select = db
        .selectFrom("tenants")
        .selectAll()
        .orderBy("id")
        .limit(limit + 1);
      if (after !== undefined) select = select.where("id", ">", after);
      if (search !== undefined)
        select = select.where((eb) =>
          eb.or([containsText(eb.ref("id"), search), containsText(eb.ref("title"), search)]),
        );
      return select.execute();
    });
    return toPage(rows, query, { item: rows.map(toTenant), position: ({ id }) => id });
  }

  get(id: string): Promise<Tenant | undefined> {
    return this.#database.read((db) => find(db, id));
  }

  create(tenant: Tenant): Promise<Tenant> {
    return this.#change(async (db) => {
      if ((await find(db, tenant.id)) !== undefined)
        throw new AppError("conflict", `There is a tenant ${JSON.stringify(tenant.id)} already.`);
      await requireFreePrefix(db, tenant.id, tenant.prefix);
      await db.insertInto("tenants").values(toRow(tenant)).execute();
      return tenant;
    });
  }

  update(id: string, change: TenantChange): Promise<Tenant> {
    return this.#change(async (db) => {
      const before = await require(db, id);
      const prefix = change.prefix === undefined ? before.prefix : (change.prefix ?? undefined);
      await requireFreePrefix(db, id, prefix);
      const tenant: Tenant = {
        ...before,
        prefix,
        title: change.title ?? before.title,
        isDisabled: change.isDisabled ?? before.isDisabled,
      };
      await db.updateTable("tenants").set(toRow(tenant)).where("id", "=", id).execute();
      return require(db, id);
    });
  }

  delete(id: string): Promise<void> {
    return this.#change(async (db) => {
      await require(db, id);
      if (id === lastingTenant)
        throw new AppError("conflict", `The tenant ${lastingTenant} stays. Disable it instead.`);
      await db.deleteFrom("memberships").where("tenant", "=", id).execute();
      await db.deleteFrom("api_keys").where("tenant", "=", id).execute();
      await db.deleteFrom("server_imports").where("tenant", "=", id).execute();
      await db.deleteFrom("tenants").where("id", "=", id).execute();
      // After the tenant: whoever makes a conversation holds that row.
      await markDeleted(db, { tenant: id });
    });
  }

  #change<T>(work: (db: Transaction<Tables>) => Promise<T>): Promise<T> {
    return this.#database.transaction(async (db) => {
      await nextRevision(db, "keys");
      return work(db);
    });
  }
}

async function find(db: Kysely<Tables>, id: string): Promise<Tenant | undefined> {
  const row = await db.selectFrom("tenants").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? undefined : toTenant(row);
}

async function require(db: Kysely<Tables>, id: string): Promise<Tenant> {
  const tenant = await find(db, id);
  if (tenant === undefined) throw new AppError("not_found", `There is no tenant ${JSON.stringify(id)}.`);
  return tenant;
}

async function requireFreePrefix(db: Kysely<Tables>, id: string, prefix: string | undefined): Promise<void> {
  if (prefix === undefined) return;
  const rows = await db.selectFrom("tenants").select(["id", "prefix"]).where("prefix", "is not", null).execute();
  const other = rows.find((row) => row.id !== id && row.prefix !== null && overlaps(row.prefix, prefix));
  if (other === undefined) return;
  throw new AppError("conflict", `The prefix ${prefix} meets ${other.prefix} of the tenant ${other.id}.`);
}

function overlaps(one: string, other: string): boolean {
  return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
}

function toRow(tenant: Tenant): TenantRow {
  return {
    id: tenant.id,
    title: tenant.title,
    prefix: tenant.prefix ?? null,
    disabled: tenant.isDisabled ? 1 : 0,
    created_at: tenant.createdAt,
  };
}

function toTenant(row: TenantRow): Tenant {
  return {
    id: row.id,
    title: row.title,
    ...(row.prefix === null ? {} : { prefix: row.prefix }),
    isDisabled: row.disabled === 1,
    createdAt: row.created_at,
  };
}
