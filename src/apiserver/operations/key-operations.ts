import * as z from "zod";
import type { Caller } from "../../access/caller.ts";
import { makeKey } from "../../access/key-format.ts";
import { coversRole } from "../../access/key-roles.ts";
import type { ApiKeyInfo } from "../../core/api-key-store.ts";
import { AppError } from "../../core/errors.ts";
import { recordChange } from "../audit.ts";
import { type AnyOperation, defineOperation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-schema.ts";
import type { AnyCall } from "../sign-in/own-account.ts";
import type { PeopleParts } from "../sign-in/people-parts.ts";
import { milliseconds, role, tenantOrEvery } from "./people-schemas.ts";

export type KeyParts = Pick<PeopleParts, "keys" | "audit" | "announcer" | "now">;

const tag = "API keys";
const params = z.object({ tenant: tenantOrEvery });
const keyParams = z.object({ tenant: tenantOrEvery, key: z.string().max(64) });
const read = { kind: "permission", permission: "keys.read" } as const;
const write = { kind: "permission", permission: "keys.write" } as const;

const use = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("mcp") }),
    z.strictObject({ kind: z.literal("api"), role }),
  ])
  .describe("`mcp` keys open routes of gateways, `api` keys this API.");
const servers = z.array(z.string().min(1).max(64)).min(1).max(200).describe("Names; all of the tenant when absent.");
const tools = z.array(z.string().min(1).max(200)).min(1).max(200).describe("Globs over names; all when absent.");
const scopes = { use, servers: servers.optional(), tools: tools.optional(), expiresAt: milliseconds.optional() };
const keySchema = z.object({
  id: z.string(),
  hint: z.string().describe("The key begins with it."),
  name: z.string(),
  ownerId: z.string(),
  tenant: tenantOrEvery,
  ...scopes,
  createdAt: milliseconds,
  usedAt: milliseconds.optional(),
});
const madeSchema = z.object({ info: keySchema, key: z.string().describe("Shown this once.") });

/** API keys of a tenant. */
export function keyOperations(parts: KeyParts): readonly AnyOperation[] {
  return [listKeys(parts), createKey(parts), rotateKey(parts), revokeKey(parts)];
}

function listKeys({ keys }: KeyParts): AnyOperation {
  return defineOperation({
    id: "listKeys",
    method: "get",
    path: "/tenants/{tenant}/keys",
    tag,
    summary: "List API keys",
    access: read,
    params,
    query: pageQuery,
    responses: { 200: { description: "By name.", schema: pageOf(keySchema) } },
    handle: async (call) => ({ status: 200, body: await keys.list(call.params.tenant, call.query) }),
  });
}

function createKey(parts: KeyParts): AnyOperation {
  return defineOperation({
    id: "createKey",
    method: "post",
    path: "/tenants/{tenant}/keys",
    tag,
    summary: "Create an API key",
    description: "It belongs to whoever makes it, and can never do more than they may.",
    access: write,
    isCreation: true,
    params,
    body: z.strictObject({ name: z.string().trim().min(1).max(100), ...scopes }),
    responses: { 201: { description: "Created.", schema: madeSchema } },
    handle: async (call) => {
      const { tenant } = call.params;
      const { name, use, servers, tools, expiresAt } = call.body;
      const ownerId = checkScopes(call.caller, tenant, call.body, parts.now());
      const { id, key, hint, sha256 } = makeKey();
      const info = await parts.keys.create(
        { id, hint, name, ownerId, tenant, use, servers, tools, expiresAt, createdAt: parts.now() },
        sha256,
      );
      await record(parts, call, "key.create", info, { after: info });
      return { status: 201, body: { info, key } };
    },
  });
}

/** Who owns the key; @throws AppError `forbidden` or `unprocessable` */
function checkScopes(
  caller: Caller | undefined,
  tenant: string,
  { use, servers, tools, expiresAt }: Pick<ApiKeyInfo, "use" | "servers" | "tools" | "expiresAt">,
  now: number,
): string {
  if (caller?.userId === undefined) throw new AppError("forbidden", "A key needs a user who owns it.");
  if (use.kind === "api" && !coversRole(caller.roles, use.role, tenant))
    throw new AppError("forbidden", `You may not give the role ${use.role}: it may do more than you.`);
  if (use.kind === "api" && (servers !== undefined || tools !== undefined))
    throw refusal("body.servers", "Only mcp keys are limited to servers and tools.");
  if (expiresAt !== undefined && expiresAt <= now) throw refusal("body.expiresAt", "The expiry must lie ahead.");
  return caller.userId;
}

function refusal(field: string, message: string): AppError {
  return new AppError("unprocessable", message, { data: { errors: [{ field, message }] } });
}

function rotateKey(parts: KeyParts): AnyOperation {
  return defineOperation({
    id: "rotateKey",
    method: "post",
    path: "/tenants/{tenant}/keys/{key}/rotate",
    tag,
    summary: "Replace an API key",
    description: "The scopes stay; the key before opens nothing from then on.",
    access: write,
    params: keyParams,
    responses: { 200: { description: "Replaced.", schema: madeSchema } },
    handle: async (call) => {
      const before = await requireKey(parts, call.params.tenant, call.params.key);
      // The new key has the rights of the old one's owner, so whoever gets it must have them too.
      checkScopes(call.caller, before.tenant, { use: before.use }, parts.now());
      const { key, hint, sha256 } = makeKey(before.id);
      const info = await parts.keys.rotate(before.tenant, before.id, { sha256, hint });
      await record(parts, call, "key.rotate", info, { before, after: info });
      return { status: 200, body: { info, key } };
    },
  });
}

function revokeKey(parts: KeyParts): AnyOperation {
  return defineOperation({
    id: "revokeKey",
    method: "delete",
    path: "/tenants/{tenant}/keys/{key}",
    tag,
    summary: "Revoke an API key",
    access: write,
    params: keyParams,
    responses: { 204: { description: "It opens nothing any more." } },
    handle: async (call) => {
      const before = await requireKey(parts, call.params.tenant, call.params.key);
      await parts.keys.delete(before.tenant, before.id);
      await record(parts, call, "key.revoke", before, { before });
      return { status: 204 };
    },
  });
}

async function requireKey({ keys }: KeyParts, tenant: string, id: string): Promise<ApiKeyInfo> {
  const key = await keys.get(tenant, id);
  if (key === undefined) throw new AppError("not_found", "There is no such key in this tenant.");
  return key;
}

async function record(
  parts: KeyParts,
  call: AnyCall,
  action: string,
  { id, tenant }: ApiKeyInfo,
  change: { readonly before?: unknown; readonly after?: unknown },
): Promise<void> {
  await recordChange(parts.audit, call, { action, target: { kind: "key", id }, tenant, ...change }, parts.now);
  await parts.announcer.announce("keys");
}
