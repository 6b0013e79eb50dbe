import { createHash } from "node:crypto";
import type { CredentialStore, Credentials, ExternalIdentity } from "../../core/credential-store.ts";
import { AppError } from "../../core/errors.ts";
import { isJsonObject } from "../../core/json.ts";
import type { SealedValue } from "../../core/secret-store.ts";
import type { User } from "../../core/user-store.ts";
import type { UserRow } from "./people-tables.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { isDuplicateKey } from "./sql-errors.ts";
import { requireUser, usersOf } from "./user-rows.ts";

/** What people sign in with, in one of the three databases. */
export class SqlCredentialStore implements CredentialStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  get(userId: string): Promise<Credentials | undefined> {
    return this.#find("id", userId);
  }

  findByEmail(email: string): Promise<Credentials | undefined> {
    return this.#find("email", email.toLowerCase());
  }

  #find(column: "id" | "email", value: string): Promise<Credentials | undefined> {
    return this.#database.read(async (db) => {
      const row = await db.selectFrom("users").selectAll().where(column, "=", value).executeTakeFirst();
      const [user] = row === undefined ? [] : await usersOf(db, [row]);
      return row === undefined || user === undefined ? undefined : toCredentials(row, user);
    });
  }

  setPassword(userId: string, passwordHash: string, exceptSignIn = ""): Promise<void> {
    return this.#database.transaction(async (db) => {
      const { numUpdatedRows } = await db
        .updateTable("users")
        .set({ password_hash: passwordHash, must_change_password: 0 })
        .where("id", "=", userId)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) throw new AppError("not_found", "There is no such user.");
      await db.deleteFrom("sign_ins").where("user_id", "=", userId).where("id", "!=", exceptSignIn).execute();
      await db.deleteFrom("one_time_links").where("user_id", "=", userId).execute();
    });
  }

  async setPendingTotp(userId: string, sealed: SealedValue): Promise<void> {
    await this.#update(userId, { totp_pending: sealedText(sealed) });
  }

  confirmTotp(
    userId: string,
    { sealed, step, recoveryHashes }: Parameters<CredentialStore["confirmTotp"]>[1],
  ): Promise<boolean> {
    const text = sealedText(sealed);
    return this.#database.transaction(async (db) => {
      const row = await db.selectFrom("users").select("totp_pending").where("id", "=", userId).executeTakeFirst();
      if (row?.totp_pending !== text) return false;
      const { numUpdatedRows } = await db
        .updateTable("users")
        .set({ totp_secret: text, totp_pending: null, totp_step: step })
        .where("id", "=", userId)
        .where("totp_pending", "=", text)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      await db.deleteFrom("recovery_codes").where("user_id", "=", userId).execute();
      await db.insertInto("recovery_codes").values(codeRows(userId, recoveryHashes)).execute();
      return true;
    });
  }

  removeTotp(userId: string): Promise<boolean> {
    return this.#database.transaction(async (db) => {
      const { numUpdatedRows } = await db
        .updateTable("users")
        .set({ totp_secret: null, totp_pending: null })
        .where("id", "=", userId)
        .where("totp_secret", "is not", null)
        .executeTakeFirst();
      await db.deleteFrom("recovery_codes").where("user_id", "=", userId).execute();
      return numUpdatedRows > 0n;
    });
  }

  async useTotpStep(userId: string, step: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#database.read((db) =>
      db
        .updateTable("users")
        .set({ totp_step: step })
        .where("id", "=", userId)
        .where("totp_step", "<", step)
        .executeTakeFirst(),
    );
    return numUpdatedRows > 0n;
  }

  async useRecoveryCode(userId: string, hash: string): Promise<boolean> {
    const { numDeletedRows } = await this.#database.read((db) =>
      db.deleteFrom("recovery_codes").where("user_id", "=", userId).where("hash", "=", hash).executeTakeFirst(),
    );
    return numDeletedRows > 0n;
  }

  replaceRecoveryCodes(userId: string, hashes: readonly string[]): Promise<void> {
    return this.#database.transaction(async (db) => {
      await db.deleteFrom("recovery_codes").where("user_id", "=", userId).execute();
      await db.insertInto("recovery_codes").values(codeRows(userId, hashes)).execute();
    });
  }

  async countRecoveryCodes(userId: string): Promise<number> {
    const rows = await this.#database.read((db) =>
      db.selectFrom("recovery_codes").select("hash").where("user_id", "=", userId).execute(),
    );
    return rows.length;
  }

  findByIdentity(identity: ExternalIdentity): Promise<User | undefined> {
    return this.#database.read(async (db) => {
      const row = await db
        .selectFrom("users")
        .innerJoin("identities", "identities.user_id", "users.id")
        .selectAll("users")
        .where("identities.id", "=", identityId(identity))
        .executeTakeFirst();
      return row === undefined ? undefined : (await usersOf(db, [row]))[0];
    });
  }

  async linkIdentity(userId: string, identity: ExternalIdentity, at: number): Promise<void> {
    const { provider, subject } = identity;
    const row = { id: identityId(identity), user_id: userId, provider, subject, linked_at: at };
    try {
      await this.#database.transaction(async (db) => {
        await requireUser(db, userId);
        await db.insertInto("identities").values(row).execute();
      });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const holder = await this.findByIdentity(identity);
      if (holder?.id === userId) return;
      throw new AppError("conflict", "This account of the provider is bound to somebody else.", { cause: error });
    }
  }

  async listProviders(userId: string): Promise<readonly string[]> {
    const rows = await this.#database.read((db) =>
      db
        .selectFrom("identities")
        .select("provider")
        .distinct()
        .where("user_id", "=", userId)
        .orderBy("provider")
        .execute(),
    );
    return rows.map(({ provider }) => provider);
  }

  async #update(userId: string, values: Partial<UserRow>): Promise<void> {
    const { numUpdatedRows } = await this.#database.read((db) =>
      db.updateTable("users").set(values).where("id", "=", userId).executeTakeFirst(),
    );
    if (numUpdatedRows === 0n) throw new AppError("not_found", "There is no such user.");
  }
}

function codeRows(userId: string, hashes: readonly string[]): { user_id: string; hash: string }[] {
  return hashes.map((hash) => ({ user_id: userId, hash }));
}

function identityId({ issuer, subject }: ExternalIdentity): string {
  return createHash("sha256")
    .update(JSON.stringify([issuer, subject]))
    .digest("hex");
}

function toCredentials(row: UserRow, user: User): Credentials {
  return {
    user,
    ...(row.password_hash === null ? {} : { passwordHash: row.password_hash }),
    ...(row.totp_secret === null ? {} : { totp: sealedOf(row.totp_secret) }),
    ...(row.totp_pending === null ? {} : { pendingTotp: sealedOf(row.totp_pending) }),
  };
}

function sealedText({ keyId, ciphertext }: SealedValue): string {
  return JSON.stringify({ keyId, ciphertext });
}

function sealedOf(text: string): SealedValue {
  const parsed: unknown = JSON.parse(text);
  if (isJsonObject(parsed)) {
    const { keyId, ciphertext } = parsed;
    if (typeof keyId === "string" && typeof ciphertext === "string") return { keyId, ciphertext };
  }
  throw new AppError("internal", "A sealed value in the database is damaged.");
}
