import { type OpenSignIn, type SignIn, signInLimits, type SignInStore } from "../../core/sign-in-store.ts";
import type { User } from "../../core/user-store.ts";
import type { SignInRow } from "./people-tables.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { userWithLiveRoles } from "./user-rows.ts";

/** Sign-ins in one of the three databases. */
export class SqlSignInStore implements SignInStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  open(signIn: OpenSignIn): Promise<boolean> {
    return this.#database.transaction(async (db) => {
      // Locks the user: who changes the password or status meanwhile comes before or after, never between.
      let update = db
        .updateTable("users")
        .set({ signed_in_at: signIn.createdAt })
        .where("id", "=", signIn.userId)
        .where("status", "=", "active");
      if (signIn.passwordHash !== undefined) update = update.where("password_hash", "=", signIn.passwordHash);
      const { numUpdatedRows } = await update.executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      await db
        .insertInto("sign_ins")
        .values({
          id: signIn.id,
          token_hash: signIn.tokenHash,
          user_id: signIn.userId,
          method: signIn.method,
          created_at: signIn.createdAt,
          used_at: signIn.createdAt,
          ip: signIn.ip,
          user_agent: signIn.userAgent,
        })
        .execute();
      return true;
    });
  }

  find(tokenHash: string, now: number): Promise<{ signIn: SignIn; user: User } | undefined> {
    return this.#database.read(async (db) => {
      const row = await db
        .selectFrom("sign_ins")
        .selectAll()
        .where("token_hash", "=", tokenHash)
        .where("created_at", ">", now - signInLimits.absoluteMs)
        .where("used_at", ">", now - signInLimits.idleMs)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const user = await db
        .selectFrom("users")
        .selectAll()
        .where("id", "=", row.user_id)
        .where("status", "=", "active")
        .executeTakeFirst();
      if (user === undefined) return undefined;
      return { signIn: toSignIn(row), user: await userWithLiveRoles(db, user) };
    });
  }

  async touch(id: string, at: number): Promise<void> {
    await this.#database.read((db) =>
      db.updateTable("sign_ins").set({ used_at: at }).where("id", "=", id).where("used_at", "<", at).execute(),
    );
  }

  async replaceToken(id: string, tokenHash: string): Promise<void> {
    await this.#database.read((db) =>
      db.updateTable("sign_ins").set({ token_hash: tokenHash }).where("id", "=", id).execute(),
    );
  }

  async list(userId: string, now: number): Promise<readonly SignIn[]> {
    const rows = await this.#database.read((db) =>
      db
        .selectFrom("sign_ins")
        .selectAll()
        .where("user_id", "=", userId)
        .where("created_at", ">", now - signInLimits.absoluteMs)
        .where("used_at", ">", now - signInLimits.idleMs)
        .orderBy("used_at", "desc")
        .orderBy("id")
        .execute(),
    );
    return rows.map(toSignIn);
  }

  async end(userId: string, id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#database.read((db) =>
      db.deleteFrom("sign_ins").where("user_id", "=", userId).where("id", "=", id).executeTakeFirst(),
    );
    return numDeletedRows > 0n;
  }

  async endAll(userId: string, exceptId = ""): Promise<number> {
    const { numDeletedRows } = await this.#database.read((db) =>
      db.deleteFrom("sign_ins").where("user_id", "=", userId).where("id", "!=", exceptId).executeTakeFirst(),
    );
    return Number(numDeletedRows);
  }

  async prune(now: number): Promise<number> {
    const { numDeletedRows } = await this.#database.read((db) =>
      db
        .deleteFrom("sign_ins")
        .where((eb) =>
          eb.or([
            eb("created_at", "<=", now - signInLimits.absoluteMs),
            eb("used_at", "<=", now - signInLimits.idleMs),
          ]),
        )
        .executeTakeFirst(),
    );
    return Number(numDeletedRows);
  }
}

function toSignIn(row: SignInRow): SignIn {
  return {
    id: row.id,
    userId: row.user_id,
    method: row.method,
    createdAt: row.created_at,
    usedAt: row.used_at,
    ip: row.ip,
    userAgent: row.user_agent,
  };
}
