import * as z from "zod";
import { permissions } from "../../access/permissions.ts";
import { everyTenant, type Role, roles } from "../../core/role.ts";
import type { User } from "../../core/user-store.ts";
import { identifier } from "../servers/server-schemas.ts";

/** Longest address that the databases keep as a key. */
const maxEmailLength = 191;

export const email = z.email("must be an e-mail address").max(maxEmailLength);
export const personName = z.string().trim().max(100);
/** Bounded here; what a password must be is told by its own sentences. */
export const password = z.string().min(1).max(1_000);
export const code = z.string().min(6).max(40).describe("Code of the authenticator, or a recovery code.");
export const token = z.string().min(20).max(100);
export const role = z.enum(roles);
/** A tenant, or `*` for all of them and the instance. */
export const tenantOrEvery = z.union([identifier, z.literal(everyTenant)]);
export const milliseconds = z.number().int().describe("Milliseconds since 1970.");

const rolesSchema = z.record(tenantOrEvery, role);

export const userSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  status: z.enum(["active", "disabled"]),
  mustChangePassword: z.boolean(),
  hasPassword: z.boolean(),
  hasTotp: z.boolean(),
  createdAt: milliseconds,
  signedInAt: milliseconds.optional(),
  roles: rolesSchema,
});

/** A user as the API shows it. */
export function userView(user: User): z.output<typeof userSchema> {
  const { id, name, status, mustChangePassword, hasPassword, hasTotp, createdAt, signedInAt } = user;
  return {
    id,
    email: user.email,
    name,
    status,
    mustChangePassword,
    hasPassword,
    hasTotp,
    createdAt,
    ...(signedInAt === undefined ? {} : { signedInAt }),
    roles: rolesView(user.roles),
  };
}

export function rolesView(held: ReadonlyMap<string, Role>): Record<string, Role> {
  return Object.fromEntries(held);
}

export const linkSchema = z.object({ url: z.string(), expiresAt: milliseconds });

export const meSchema = z.object({
  kind: z.enum(["user", "key"]),
  id: z.string(),
  name: z.string(),
  email: z.string().optional(),
  roles: rolesSchema,
  /** By tenant; those of `*` hold in every tenant. */
  permissions: z.record(tenantOrEvery, z.array(z.enum(permissions))),
  tenants: z.array(z.object({ id: identifier, title: z.string() })).describe("Those that the roles name."),
  csrfToken: z.string().optional().describe("To be sent as X-CSRF-Token with every change."),
  signedInBy: z.string().optional().describe("password, link, or the provider."),
  mustChangePassword: z.boolean().optional(),
  hasPassword: z.boolean().optional(),
  hasTotp: z.boolean().optional(),
});
