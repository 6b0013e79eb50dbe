import { type ExpressionBuilder, type Kysely, sql, type Transaction } from "kysely";
import { AppError } from "../../core/errors.ts";
import { everyTenant, isRole, type Role } from "../../core/role.ts";
import type { User } from "../../core/user-store.ts";
import type { UserRow } from "./people-tables.ts";
import type { Tables } from "./tables.ts";

/** The users of these rows, with their roles. */
export async function usersOf(db: Kysely<Tables>, rows: readonly UserRow[]): Promise<User[]> {
  if (rows.length === 0) return [];
  const memberships = await db
    .selectFrom("memberships")
    .selectAll()
    .where(
      "user_id",
      "in",
      rows.map(({ id }) => id),
    )
    .orderBy("tenant")
    .execute();
  const roles = rolesByUser(memberships);
  return rows.map((row) => toUser(row, roles.get(row.id) ?? new Map()));
}

/** A user with the roles that count now: those in tenants that are not disabled. */
export async function userWithLiveRoles(db: Kysely<Tables>, row: UserRow): Promise<User> {
  const memberships = await db
    .selectFrom("memberships")
    .selectAll()
    .where("user_id", "=", row.id)
    .where(isLiveMembership)
    .execute();
  return toUser(row, rolesByUser(memberships).get(row.id) ?? new Map());
}

function isLiveMembership(eb: ExpressionBuilder<Tables, "memberships">) {
  const enabled = eb.selectFrom("tenants").select("id").where("disabled", "=", 0);
  return eb.or([eb("tenant", "=", everyTenant), eb("tenant", "in", enabled)]);
}

function rolesByUser(
  memberships: readonly { readonly user_id: string; readonly tenant: string; readonly role: string }[],
): ReadonlyMap<string, ReadonlyMap<string, Role>> {
  const byUser = new Map<string, Map<string, Role>>();
  for (const { user_id: userId, tenant, role } of memberships) {
    const roles = byUser.get(userId) ?? new Map<string, Role>();
    byUser.set(userId, roles);
    // A role that this program does not know gives nothing.
    if (isRole(role)) roles.set(tenant, role);
  }
  return byUser;
}

function toUser(row: UserRow, roles: ReadonlyMap<string, Role>): User {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    status: row.status === "active" ? "active" : "disabled",
    mustChangePassword: row.must_change_password === 1,
    hasPassword: row.password_hash !== null,
    hasTotp: row.totp_secret !== null,
    createdAt: row.created_at,
    ...(row.signed_in_at === null ? {} : { signedInAt: row.signed_in_at }),
    roles,
  };
}

/** The user, who must be there. */
export async function requireUser(db: Kysely<Tables>, id: string): Promise<User> {
  const row = await db.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();
  const [user] = row === undefined ? [] : await usersOf(db, [row]);
  if (user === undefined) throw new AppError("not_found", "There is no such user.");
  return user;
}

/** The tenant must be there, or stand for all. */
export async function requireTenant(db: Kysely<Tables>, tenant: string): Promise<void> {
  if (tenant === everyTenant) return;
  const row = await db.selectFrom("tenants").select("id").where("id", "=", tenant).executeTakeFirst();
  if (row === undefined) throw new AppError("not_found", `There is no tenant ${JSON.stringify(tenant)}.`);
}

/**
 * Fails when nobody could administer the instance any more. Call it last in a transaction that has taken the lock of
 * the topic `keys` first.
 */
export async function requireAdministrator(db: Transaction<Tables>): Promise<void> {
  const row = await db
    .selectFrom("users")
    .innerJoin("memberships", "memberships.user_id", "users.id")
    .select("users.id")
    .where("memberships.tenant", "=", everyTenant)
    .where("memberships.role", "=", "administrator")
    .where("users.status", "=", "active")
    .where((eb) =>
      eb.or([
        eb("users.password_hash", "is not", null),
        eb.exists(
          eb.selectFrom("identities").select(sql.lit(1).as("one")).whereRef("identities.user_id", "=", "users.id"),
        ),
      ]),
    )
    .limit(1)
    .executeTakeFirst();
  if (row !== undefined) return;
  throw new AppError(
    "conflict",
    "This would leave nobody to administer the instance. Make somebody else an administrator of * first.",
  );
}
