import * as z from "zod";
import type { AuditLog } from "../../core/audit-log.ts";
import { recordChange } from "../audit.ts";
import { exportAudit, exportTypes } from "../audit-export.ts";
import { type AnyOperation, defineOperation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-schema.ts";
import { milliseconds, tenantOrEvery } from "./people-schemas.ts";

export interface AuditParts {
  readonly audit: AuditLog;
  readonly now: () => number;
}

const tag = "Audit log";
const access = { kind: "permission", permission: "audit.read" } as const;
const text = z.string().min(1).max(300).optional();
const filters = {
  actorId: text,
  action: text,
  targetKind: text,
  targetId: text,
  from: z.coerce.number().int().optional().describe("Milliseconds since 1970, inclusive."),
  to: z.coerce.number().int().optional().describe("Milliseconds since 1970, exclusive."),
};
const format = z.enum(["ndjson", "csv"]).default("ndjson");
const entrySchema = z.object({
  id: z.string(),
  at: milliseconds,
  tenant: z.string().optional(),
  actor: z.object({ kind: z.enum(["user", "key", "program", "anonymous"]), id: z.string(), name: z.string() }),
  action: z.string(),
  target: z.object({ kind: z.string(), id: z.string() }),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  ip: z.string().optional(),
  requestId: z.string().optional(),
});
const params = z.object({ tenant: tenantOrEvery });
const exported = {
  200: {
    description: "A stream of entries, newest first.",
    schema: entrySchema,
    contentType: exportTypes.ndjson,
    otherContentTypes: ["text/csv"],
  },
};

/** Who did what: of everything for those who may read it in `*`, and of one tenant. */
export function auditOperations(parts: AuditParts): readonly AnyOperation[] {
  return [listAll(parts), exportAll(parts), listOfTenant(parts), exportOfTenant(parts)];
}

function listAll({ audit }: AuditParts): AnyOperation {
  return defineOperation({
    id: "listAuditLog",
    method: "get",
    path: "/audit",
    tag,
    summary: "List the audit log of the instance",
    access,
    query: pageQuery.extend({ ...filters, tenant: tenantOrEvery.optional() }),
    responses: { 200: { description: "Newest first.", schema: pageOf(entrySchema) } },
    handle: async ({ query: { tenant, ...query } }) => {
      const tenants = tenant === undefined ? undefined : [tenant];
      return { status: 200, body: await audit.list({ ...query, tenants }) };
    },
  });
}

function exportAll(parts: AuditParts): AnyOperation {
  return defineOperation({
    id: "exportAuditLog",
    method: "get",
    path: "/audit/export",
    tag,
    summary: "Export the audit log of the instance",
    access,
    query: z.object({ ...filters, format }),
    responses: exported,
    handle: async (call) => {
      const { format, ...query } = call.query;
      const target = { kind: "audit", id: "*" };
      await recordChange(parts.audit, call, { action: "audit.export", target }, parts.now);
      return { status: 200, headers: headersOf(format), raw: exportAudit(parts.audit, query, format) };
    },
  });
}

function listOfTenant({ audit }: AuditParts): AnyOperation {
  return defineOperation({
    id: "listTenantAuditLog",
    method: "get",
    path: "/tenants/{tenant}/audit",
    tag,
    summary: "List the audit log of a tenant",
    access,
    params,
    query: pageQuery.extend({ ...filters }),
    responses: { 200: { description: "Newest first.", schema: pageOf(entrySchema) } },
    handle: async ({ params: { tenant }, query }) => ({
      status: 200,
      body: await audit.list({ ...query, tenants: [tenant] }),
    }),
  });
}

function exportOfTenant(parts: AuditParts): AnyOperation {
  return defineOperation({
    id: "exportTenantAuditLog",
    method: "get",
    path: "/tenants/{tenant}/audit/export",
    tag,
    summary: "Export the audit log of a tenant",
    access,
    params,
    query: z.object({ ...filters, format }),
    responses: exported,
    handle: async (call) => {
      const { format, ...query } = call.query;
      const { tenant } = call.params;
      const target = { kind: "audit", id: tenant };
      await recordChange(parts.audit, call, { action: "audit.export", target, tenant }, parts.now);
      const raw = exportAudit(parts.audit, { ...query, tenants: [tenant] }, format);
      return { status: 200, headers: headersOf(format), raw };
    },
  });
}

function headersOf(format: keyof typeof exportTypes): Record<string, string> {
  return {
    "content-type": exportTypes[format],
    "content-disposition": `attachment; filename="audit.${format}"`,
  };
}
