import { randomUUID } from "node:crypto";
import type { Transaction } from "kysely";
import { AppError } from "../../core/errors.ts";
import type { Page } from "../../core/page.ts";
import type { Role } from "../../core/role.ts";
import type { NewUser, User, UserChange, UserQuery, UserStore } from "../../core/user-store.ts";
import { markDeleted } from "./conversations/conversation-writes.ts";
import { containsText, readCursor, toPage } from "./list-page.ts";
import { nextRevision } from "./revisions.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { isDuplicateKey } from "./sql-errors.ts";
import type { Tables } from "./tables.ts";
import { requireAdministrator, requireTenant, requireUser, usersOf } from "./user-rows.ts";

/**
 * People in one of the three databases. What they may do decides about keys too, so every change takes the lock of the
 * topic `keys`: that orders changes of all processes.
 */
export class SqlUserStore implements UserStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async list(query: UserQuery): Promise<Page<User>> {
    const { cursor, limit, search, status, tenant } = query;
    const after = cursor === undefined ? undefined : readCursor(cursor);
    return this.#database.read(async (db) => {
      let select = db
        .selectFrom("users")
        .selectAll()
        .orderBy("email")
        .limit(limit + 1);
      if (after !== undefined) select = select.where("email", ">", after);
      if (status !== undefined) select = select.where("status", "=", status);
      if (search !== undefined)
        select = select.where((eb) =>
          eb.or([containsText(eb.ref("email"), search), containsText(eb.ref("name"), search)]),
        );
      if (tenant !== undefined)
        select = select.where("id", "in", (eb) =>
          eb.selectFrom("memberships").select("user_id").where("tenant", "=", tenant),
        );
      const rows = await select.execute();
      return toPage(rows, query, { item: await usersOf(db, rows), position: ({ email }) => email });
    });
  }

  get(id: string): Promise<User | undefined> {
    return this.#find("id", id);
  }

  findByEmail(email: string): Promise<User | undefined> {
    return this.#find("email", email.toLowerCase());
  }

  #find(column: "id" | "email", value: string): Promise<User | undefined> {
    return this.#database.read(async (db) => {
      const row = await db.selectFrom("users").selectAll().where(column, "=", value).executeTakeFirst();
      return row === undefined ? undefined : (await usersOf(db, [row]))[0];
    });
  }

  async isEmpty(): Promise<boolean> {
    const row = await this.#database.read((db) => db.selectFrom("users").select("id").limit(1).executeTakeFirst());
    return row === undefined;
  }

  create(user: NewUser): Promise<User> {
    return this.#change(user.email, async (db) => insertUser(db, user));
  }

  createFirst(user: NewUser): Promise<User> {
    return this.#change(user.email, async (db) => {
      const anybody = await db.selectFrom("users").select("id").limit(1).executeTakeFirst();
      if (anybody !== undefined) throw new AppError("conflict", "There are users already. Ask an administrator.");
      return insertUser(db, user);
    });
  }

  update(id: string, change: UserChange): Promise<User> {
    return this.#change(change.email ?? "", async (db) => {
      await requireUser(db, id);
      const values = {
        ...(change.email === undefined ? {} : { email: change.email.toLowerCase() }),
        ...(change.name === undefined ? {} : { name: change.name }),
        ...(change.status === undefined ? {} : { status: change.status }),
        ...(change.mustChangePassword === undefined ? {} : { must_change_password: change.mustChangePassword ? 1 : 0 }),
      };
      if (Object.keys(values).length > 0) await db.updateTable("users").set(values).where("id", "=", id).execute();
      if (change.status === "disabled") {
        await db.deleteFrom("sign_ins").where("user_id", "=", id).execute();
        await db.deleteFrom("one_time_links").where("user_id", "=", id).execute();
        await requireAdministrator(db);
      }
      // A link went to the address that it was made for.
      if (change.email !== undefined) await db.deleteFrom("one_time_links").where("user_id", "=", id).execute();
      return requireUser(db, id);
    });
  }

  setRole(id: string, tenant: string, role: Role | undefined): Promise<User> {
    return this.#change("", async (db) => {
      await requireUser(db, id);
      await db.deleteFrom("memberships").where("user_id", "=", id).where("tenant", "=", tenant).execute();
      if (role !== undefined) {
        await requireTenant(db, tenant);
        await db.insertInto("memberships").values({ user_id: id, tenant, role }).execute();
      }
      await requireAdministrator(db);
      return requireUser(db, id);
    });
  }

  async delete(id: string): Promise<void> {
    await this.#change("", async (db) => {
      await requireUser(db, id);
      for (const table of ["memberships", "recovery_codes", "identities", "sign_ins", "one_time_links"] as const)
        await db.deleteFrom(table).where("user_id", "=", id).execute();
      await db.deleteFrom("api_keys").where("owner_id", "=", id).execute();
      await db.deleteFrom("users").where("id", "=", id).execute();
      // After the user: whoever makes a conversation holds that row.
      await markDeleted(db, { ownerId: id });
      await requireAdministrator(db);
    });
  }

  async #change<T>(email: string, work: (db: Transaction<Tables>) => Promise<T>): Promise<T> {
    try {
      return await this.#database.transaction(async (db) => {
        await nextRevision(db, "keys");
        return work(db);
      });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      throw new AppError("conflict", `There is a user with the address ${email.toLowerCase()} already.`, {
        cause: error,
      });
    }
  }
}

async function insertUser(db: Transaction<Tables>, user: NewUser): Promise<User> {
  const id = randomUUID();
  for (const tenant of user.roles.keys()) await requireTenant(db, tenant);
  await db
    .insertInto("users")
    .values({
      id,
      email: user.email.toLowerCase(),
      name: user.name,
      status: "active",
      must_change_password: 0,
      password_hash: user.passwordHash ?? null,
      totp_secret: null,
      totp_pending: null,
      totp_step: 0,
      created_at: user.createdAt,
      signed_in_at: null,
    })
    .execute();
  for (const [tenant, role] of user.roles)
    await db.insertInto("memberships").values({ user_id: id, tenant, role }).execute();
  return requireUser(db, id);
}
