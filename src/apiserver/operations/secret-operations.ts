import * as z from "zod";
import type { Cipher } from "../../access/secret-cipher.ts";
import type { AuditLog } from "../../core/audit-log.ts";
import type { ChangeAnnouncer } from "../../core/change-feed.ts";
import { AppError } from "../../core/errors.ts";
import { maxSecretBytes, maxSecretsOfTenant, type SecretInfo, type SecretStore } from "../../core/secret-store.ts";
import { recordChange } from "../audit.ts";
import { type AnyOperation, type Call, defineOperation } from "../operation.ts";
import { tenantParams } from "../servers/server-schemas.ts";

/** What the operations on secrets work with. */
export interface SecretParts {
  readonly secrets: SecretStore;
  readonly cipher: Cipher;
  readonly announcer: ChangeAnnouncer;
  readonly audit: AuditLog;
  /** Undefined when there is no such tenant. */
  readonly findTenant: (tenant: string) => Promise<object | undefined>;
  /** Names of the tenant's servers whose newest version names the secret; nobody is asked when absent. */
  readonly usedBy?: (tenant: string, name: string) => Promise<readonly string[]>;
}

const tag = "Secrets";
/** A body with the largest value, whatever JSON makes of its characters. */
const maxBodyBytes = 8 * maxSecretBytes;
/** What the audit log has in the place of a value. */
const masked = "•••";

const secretParams = tenantParams.extend({
  name: z
    .string()
    .regex(
      /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/,
      "must be 1 to 64 letters, digits, `_`, `.` and `-`, beginning with a letter, a digit or `_`",
    )
    .describe("Name that documents call it by: `${secrets.NAME}`."),
});

const secretInfo = z
  .strictObject({
    tenant: z.string(),
    name: z.string(),
    description: z.string(),
    version: z.int().describe("1, 2, 3 … with each new value."),
    updatedBy: z.strictObject({ id: z.string(), name: z.string() }).describe("Who gave it its value."),
    updatedAt: z.int().describe("Milliseconds since 1970."),
  })
  .meta({ id: "Secret", description: "What anybody is told of a secret: never its value." });

const newValue = z.strictObject({
  value: z
    .string()
    .min(1)
    .max(maxSecretBytes)
    .refine((value) => Buffer.byteLength(value) <= maxSecretBytes, `must have at most ${maxSecretBytes} bytes in UTF-8`)
    .describe("The secret itself, taken as it is, up to 64 KiB. Nobody can read it again."),
  description: z.string().max(1_000).optional().describe("What it is for; the one before stays when absent."),
});

/** Secrets of a tenant: list, write, delete. There is no way to read a value. */
export function secretOperations(parts: SecretParts): readonly AnyOperation[] {
  return [listSecrets(parts), putSecret(parts), deleteSecret(parts)];
}

function listSecrets(parts: SecretParts): AnyOperation {
  return defineOperation({
    id: "listSecrets",
    method: "get",
    path: "/tenants/{tenant}/secrets",
    tag,
    summary: "List the secrets of a tenant",
    description: "By name, without their values. Secrets of the environment of a gateway are not among them.",
    access: { kind: "permission", permission: "secrets.read" },
    params: tenantParams,
    responses: {
      200: { description: "All of them.", schema: z.strictObject({ items: z.array(secretInfo) }) },
      404: { description: "There is no such tenant." },
    },
    handle: async ({ params: { tenant } }) => {
      await requireTenant(parts, tenant);
      return { status: 200, body: { items: await parts.secrets.list(tenant) } };
    },
  });
}

function putSecret(parts: SecretParts): AnyOperation {
  return defineOperation({
    id: "putSecret",
    method: "put",
    path: "/tenants/{tenant}/secrets/{name}",
    tag,
    summary: "Make a secret or give it a new value",
    description:
      "Gateways use the new value within a second; calls that are under way keep the one that they began with.",
    access: { kind: "permission", permission: "secrets.write" },
    params: secretParams,
    body: newValue,
    maxBodyBytes,
    responses: {
      200: { description: "It has a new value.", schema: secretInfo },
      201: { description: "It was made.", schema: secretInfo },
      404: { description: "There is no such tenant." },
      422: { description: `The tenant has ${maxSecretsOfTenant} secrets already.` },
    },
    handle: async (call) => {
      const { params: place, body } = call;
      await requireTenant(parts, place.tenant);
      const before = await findSecret(parts, place);
      const description = body.description ?? before?.description ?? "";
      const sealed = parts.cipher.seal(place, body.value);
      const after = await parts.secrets.put({ ...place, ...sealed, description, author: authorOf(call) });
      await recordSecret(parts, call, { action: "secret.save", before, after });
      return { status: after.version === 1 ? 201 : 200, body: after };
    },
  });
}

function deleteSecret(parts: SecretParts): AnyOperation {
  return defineOperation({
    id: "deleteSecret",
    method: "delete",
    path: "/tenants/{tenant}/secrets/{name}",
    tag,
    summary: "Delete a secret",
    description: "A secret that servers still name is deleted with `force=true` only.",
    access: { kind: "permission", permission: "secrets.write" },
    params: secretParams,
    query: z.object({
      force: z.enum(["true", "false"]).default("false").describe("Delete it though servers name it."),
    }),
    responses: {
      204: { description: "It is gone." },
      404: { description: "There is no such secret or tenant." },
      409: { description: "Servers still name it; `usedBy` says which." },
    },
    handle: async (call) => {
      const { params: place, query } = call;
      await requireTenant(parts, place.tenant);
      const before = await findSecret(parts, place);
      if (before === undefined) throw noSuchSecret(place);
      if (query.force === "false") await requireUnused(parts, place);
      if (!(await parts.secrets.delete(place.tenant, place.name))) throw noSuchSecret(place);
      await recordSecret(parts, call, { action: "secret.delete", before });
      return { status: 204 };
    },
  });
}

type Place = z.output<typeof secretParams>;

async function requireTenant({ findTenant }: SecretParts, tenant: string): Promise<void> {
  if ((await findTenant(tenant)) === undefined) throw new AppError("not_found", `There is no tenant ${tenant}.`);
}

async function findSecret({ secrets }: SecretParts, { tenant, name }: Place): Promise<SecretInfo | undefined> {
  return (await secrets.list(tenant)).find((info) => info.name === name);
}

async function requireUnused({ usedBy }: SecretParts, { tenant, name }: Place): Promise<void> {
  const servers = (await usedBy?.(tenant, name)) ?? [];
  if (servers.length === 0) return;
  throw new AppError(
    "conflict",
    `The secret ${name} is named by ${servers.join(", ")}. Change them first, or delete it with force=true.`,
    { data: { usedBy: servers } },
  );
}

function noSuchSecret({ tenant, name }: Place): AppError {
  return new AppError("not_found", `The tenant ${tenant} has no secret ${name}.`);
}

type SecretCall = Pick<Call<Place, unknown, unknown>, "params" | "caller" | "ip" | "requestId">;

function authorOf({ caller }: SecretCall): SecretInfo["updatedBy"] {
  // The permission has been asked for, so somebody is there.
  if (caller === undefined) throw new AppError("unauthorized", "Sign in first.");
  return { id: caller.id, name: caller.name };
}

interface SecretChange {
  readonly action: "secret.save" | "secret.delete";
  readonly before?: SecretInfo | undefined;
  readonly after?: SecretInfo | undefined;
}

/** Gateways are told also when the audit log is away: the change is made. */
async function recordSecret(parts: SecretParts, call: SecretCall, change: SecretChange): Promise<void> {
  const { tenant, name } = call.params;
  try {
    await recordChange(parts.audit, call, {
      action: change.action,
      tenant,
      target: { kind: "secret", id: name },
      before: audited(change.before),
      after: audited(change.after),
    });
  } finally {
    await parts.announcer.announce("secrets");
  }
}

function audited(info: SecretInfo | undefined): object | undefined {
  return info && { description: info.description, version: info.version, value: masked };
}
