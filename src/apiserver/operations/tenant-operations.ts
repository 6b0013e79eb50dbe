import * as z from "zod";
import { prefixPattern } from "../../core/document-rules.ts";
import { AppError } from "../../core/errors.ts";
import type { Tenant } from "../../core/tenant-store.ts";
import { recordChange } from "../audit.ts";
import { type AnyOperation, defineOperation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-schema.ts";
import type { PeopleParts } from "../sign-in/people-parts.ts";
import { identifier } from "../servers/server-schemas.ts";
import { milliseconds } from "./people-schemas.ts";

export interface TenantParts extends Pick<PeopleParts, "tenants" | "audit" | "announcer" | "now"> {
  /** What a tenant still has besides members and keys, in words such as `3 servers`; undefined when nothing. */
  readonly contentsOf: (tenant: string) => Promise<string | undefined>;
}

const tag = "Tenants";
const params = z.object({ tenant: identifier });
const title = z.string().trim().min(1).max(100);
const prefix = z
  .string()
  .max(191)
  .regex(prefixPattern, "must begin with / and have segments of letters, digits, -, ., _ and ~");
const tenantSchema = z.object({
  id: identifier,
  title: z.string(),
  prefix: z.string().optional(),
  isDisabled: z.boolean(),
  createdAt: milliseconds,
});
const read = { kind: "permission", permission: "tenants.read" } as const;
const write = { kind: "permission", permission: "tenants.write" } as const;

export function tenantOperations(parts: TenantParts): readonly AnyOperation[] {
  return [listTenants(parts), createTenant(parts), getTenant(parts), updateTenant(parts), deleteTenant(parts)];
}

function listTenants({ tenants }: TenantParts): AnyOperation {
  return defineOperation({
    id: "listTenants",
    method: "get",
    path: "/tenants",
    tag,
    summary: "List tenants",
    access: read,
    query: pageQuery.extend({ search: z.string().max(200).optional() }),
    responses: { 200: { description: "By id.", schema: pageOf(tenantSchema) } },
    handle: async ({ query }) => ({ status: 200, body: await tenants.list(query) }),
  });
}

function createTenant(parts: TenantParts): AnyOperation {
  return defineOperation({
    id: "createTenant",
    method: "post",
    path: "/tenants",
    tag,
    summary: "Create a tenant",
    access: write,
    isCreation: true,
    body: z.strictObject({ id: identifier, title, prefix: prefix.optional() }),
    responses: { 201: { description: "Created.", schema: tenantSchema } },
    handle: async (call) => {
      const tenant = await parts.tenants.create({ ...call.body, isDisabled: false, createdAt: parts.now() });
      const target = { kind: "tenant", id: tenant.id };
      await recordChange(
        parts.audit,
        call,
        { action: "tenant.create", target, tenant: tenant.id, after: tenant },
        parts.now,
      );
      return { status: 201, body: tenant };
    },
  });
}

function getTenant(parts: TenantParts): AnyOperation {
  return defineOperation({
    id: "getTenant",
    method: "get",
    path: "/tenants/{tenant}",
    tag,
    summary: "Get a tenant",
    description: "Members may see their own.",
    access: { kind: "permission", permission: "members.read" },
    params,
    responses: { 200: { description: "The tenant.", schema: tenantSchema } },
    handle: async (call) => ({ status: 200, body: await requireTenant(parts, call.params.tenant) }),
  });
}

function updateTenant(parts: TenantParts): AnyOperation {
  return defineOperation({
    id: "updateTenant",
    method: "patch",
    path: "/tenants/{tenant}",
    tag,
    summary: "Change a tenant",
    description:
      "Members of a disabled tenant may do nothing in it, its keys open nothing, and gateways let nobody in to its servers, public ones included.",
    access: write,
    params,
    body: z.strictObject({
      title: title.optional(),
      prefix: prefix.nullable().optional(),
      isDisabled: z.boolean().optional(),
    }),
    responses: { 200: { description: "Changed.", schema: tenantSchema } },
    handle: async (call) => {
      const before = await requireTenant(parts, call.params.tenant);
      const after = await parts.tenants.update(before.id, call.body);
      const target = { kind: "tenant", id: after.id };
      await recordChange(
        parts.audit,
        call,
        { action: "tenant.update", target, tenant: after.id, before, after },
        parts.now,
      );
      await parts.announcer.announce("keys");
      return { status: 200, body: after };
    },
  });
}

function deleteTenant(parts: TenantParts): AnyOperation {
  return defineOperation({
    id: "deleteTenant",
    method: "delete",
    path: "/tenants/{tenant}",
    tag,
    summary: "Delete a tenant",
    description: "With its memberships, keys and conversations; it must have no servers and no secrets any more.",
    access: write,
    params,
    responses: { 204: { description: "Deleted." } },
    handle: async (call) => {
      const before = await requireTenant(parts, call.params.tenant);
      const contents = await parts.contentsOf(before.id);
      if (contents !== undefined)
        throw new AppError("conflict", `The tenant still has ${contents}. Delete them first, or disable the tenant.`);
      await parts.tenants.delete(before.id);
      const target = { kind: "tenant", id: before.id };
      await recordChange(parts.audit, call, { action: "tenant.delete", target, tenant: before.id, before }, parts.now);
      await parts.announcer.announce("keys");
      return { status: 204 };
    },
  });
}

async function requireTenant({ tenants }: TenantParts, id: string): Promise<Tenant> {
  const tenant = await tenants.get(id);
  if (tenant === undefined) throw new AppError("not_found", `There is no tenant ${JSON.stringify(id)}.`);
  return tenant;
}
