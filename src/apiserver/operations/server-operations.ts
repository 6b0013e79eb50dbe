import * as z from "zod";
import type { StoredVersion } from "../../core/config-store.ts";
import { AppError } from "../../core/errors.ts";
import { type AnyOperation, type Reply, defineOperation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-schema.ts";
import { deleteServer, restoreText, saveText } from "../servers/change-server.ts";
import { etagOf, ifMatchHeader, requireIfMatch } from "../servers/if-match.ts";
import { requireTenant } from "../servers/judge-draft.ts";
import type { ServerParts } from "../servers/server-parts.ts";
import {
  changeMessage,
  conflictProblem,
  describeStored,
  describeVersion,
  documentRefusal,
  documentText,
  maxTextBodyBytes,
  serverParams,
  serverVersion,
  serverVersionWithText,
  tenantParams,
  versionNumber,
} from "../servers/server-schemas.ts";
import { findDeleted, findServer, requireBase } from "../servers/find-server.ts";

const tag = "Servers";
const writeResponses = {
  403: { description: "The caller may not define what the document adds: a program, private addresses." },
  409: { description: "Another version is the newest; who made it and what it changed.", schema: conflictProblem },
  422: { description: "The document cannot be served; nothing was saved.", schema: documentRefusal },
} as const;
const changeResponses = {
  ...writeResponses,
  200: { description: "The newest version now.", schema: serverVersion },
  404: { description: "There is no such server." },
  428: { description: "If-Match is missing." },
} as const;

/** Servers of a tenant: list, read, create, save, delete, restore. */
export function serverOperations(parts: ServerParts): readonly AnyOperation[] {
  return [
    listServers(parts),
    getServer(parts),
    createServer(parts),
    saveServer(parts),
    removeServer(parts),
    restoreServer(parts),
  ];
}

function listServers(parts: ServerParts): AnyOperation {
  return defineOperation({
    id: "listServers",
    method: "get",
    path: "/tenants/{tenant}/servers",
    tag,
    summary: "List the servers of a tenant",
    description: "By name. Deleted servers are listed with `state=deleted`; `restoreServer` brings them back.",
    access: { kind: "permission", permission: "servers.read" },
    params: tenantParams,
    query: pageQuery.extend({
      search: z.string().max(100).optional().describe("Only names that contain this, whatever their case."),
      state: z.enum(["current", "deleted"]).default("current").describe("Whether to list what is served or deleted."),
    }),
    responses: { 200: { description: "A page of newest versions.", schema: pageOf(serverVersion) } },
    handle: async ({ params, query }) => {
      await requireTenant(parts, params.tenant);
      const { items, nextCursor } = await parts.documents.list({ ...query, tenants: [params.tenant] });
      return { status: 200, body: { items: items.map(describeVersion), nextCursor } };
    },
  });
}

function getServer(parts: ServerParts): AnyOperation {
  return defineOperation({
    id: "getServer",
    method: "get",
    path: "/tenants/{tenant}/servers/{name}",
    tag,
    summary: "Get the newest version of a server with its text",
    description: "With `Accept: application/yaml` the text alone, byte for byte. The ETag is the version.",
    access: { kind: "permission", permission: "servers.read" },
    params: serverParams,
    headers: [{ name: "If-None-Match", description: "ETag that the caller has: 304 while it is the newest." }],
    responses: {
      200: { description: "The newest version.", schema: serverVersionWithText, otherContentTypes: [yamlType] },
      304: { description: "The caller has the newest version." },
      404: { description: "There is no such server, or it is deleted." },
    },
    handle: async ({ params, header }) => answerVersion(await findServer(parts, params), header),
  });
}

/** What the text alone is sent as. */
export const yamlType = "application/yaml";

/** A version with its text, as the caller wants it. */
export function answerVersion(version: StoredVersion, header: (name: string) => string | undefined): Reply {
  const headers = { etag: etagOf(version), vary: "accept", "cache-control": "private, no-cache" };
  const known = (header("if-none-match") ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  if (known.includes(headers.etag)) return { status: 304, headers };
  const isText = /^\s*(?:application|text)\/(?:x-)?yaml\b/i.test(header("accept") ?? "");
  if (!isText || version.text === undefined) return { status: 200, headers, body: describeStored(version) };
  return { status: 200, headers: { ...headers, "content-type": `${yamlType}; charset=utf-8` }, raw: version.text };
}

function createServer(parts: ServerParts): AnyOperation {
  return defineOperation({
    id: "createServer",
    method: "post",
    path: "/tenants/{tenant}/servers",
    tag,
    summary: "Create a server",
    description: "The text says its name. A name that was deleted may be used again; its history goes on.",
    access: { kind: "permission", permission: "servers.write" },
    params: tenantParams,
    body: z.strictObject({ text: documentText, message: changeMessage }),
    maxBodyBytes: maxTextBodyBytes,
    isCreation: true,
    responses: { ...writeResponses, 201: { description: "The first version.", schema: serverVersion } },
    handle: async (call) => {
      const { tenant } = call.params;
      const { text, message } = call.body;
      await requireTenant(parts, tenant);
      const judged = await parts.judge.judge(text, "document");
      const { document } = judged;
      // Without a name there is nothing to look up; judging tells what is wrong.
      const ref = { tenant, name: document?.name ?? "document" };
      const newest = document === undefined ? undefined : await parts.documents.get(ref);
      if (newest !== undefined && newest.change !== "delete") {
        throw new AppError("conflict", `The tenant ${tenant} has a server ${ref.name} already.`, {
          data: { current: describeVersion(newest) },
        });
      }
      const made = await saveText({ parts, call, ref, newest, message }, text, judged);
      // Whatever a deleted server of this name was imported from, this one was not.
      if (newest !== undefined) await parts.imports.delete(ref);
      const location = `/api/v1/tenants/${tenant}/servers/${made.name}`;
      return { status: 201, headers: { location, etag: etagOf(made) }, body: describeVersion(made) };
    },
  });
}

function saveServer(parts: ServerParts): AnyOperation {
  return defineOperation({
    id: "saveServer",
    method: "put",
    path: "/tenants/{tenant}/servers/{name}",
    tag,
    summary: "Save a new version of a server",
    description: "Saving the text that is the newest already makes no version.",
    access: { kind: "permission", permission: "servers.write" },
    params: serverParams,
    headers: [ifMatchHeader],
    body: z.strictObject({ text: documentText, message: changeMessage }),
    maxBodyBytes: maxTextBodyBytes,
    responses: changeResponses,
    handle: async (call) => {
      const { params, body } = call;
      const basedOn = requireIfMatch(call);
      const newest = await findServer(parts, params);
      await requireBase(parts, newest, basedOn);
      const made = await saveText({ parts, call, ref: params, newest, message: body.message }, body.text);
      return { status: 200, headers: { etag: etagOf(made) }, body: describeVersion(made) };
    },
  });
}

function removeServer(parts: ServerParts): AnyOperation {
  return defineOperation({
    id: "deleteServer",
    method: "delete",
    path: "/tenants/{tenant}/servers/{name}",
    tag,
    summary: "Delete a server",
    description: "Gateways stop serving it. Its history stays, and `restoreServer` brings it back.",
    access: { kind: "permission", permission: "servers.delete" },
    params: serverParams,
    query: z.object({ message: changeMessage }),
    headers: [ifMatchHeader],
    responses: changeResponses,
    handle: async (call) => {
      const basedOn = requireIfMatch(call);
      const newest = await findServer(parts, call.params);
      await requireBase(parts, newest, basedOn);
      const made = await deleteServer({ parts, call, ref: call.params, newest, message: call.query.message });
      return { status: 200, headers: { etag: etagOf(made) }, body: describeVersion(made) };
    },
  });
}

function restoreServer(parts: ServerParts): AnyOperation {
  return defineOperation({
    id: "restoreServer",
    method: "post",
    path: "/tenants/{tenant}/servers/{name}/restore",
    tag,
    summary: "Make the text of an older version the newest, also of a deleted server",
    access: { kind: "permission", permission: "servers.write" },
    params: serverParams,
    headers: [ifMatchHeader],
    body: z.strictObject({
      version: versionNumber.optional().describe("Without it: the last one before the server was deleted."),
      message: changeMessage,
    }),
    responses: changeResponses,
    handle: async (call) => {
      const { params, body } = call;
      const basedOn = requireIfMatch(call);
      const newest = await parts.documents.get(params);
      if (newest === undefined) throw new AppError("not_found", `There is no server ${params.name}.`);
      await requireBase(parts, newest, basedOn);
      const wanted = body.version === undefined ? await findDeleted(parts, newest) : body.version;
      const older = await parts.documents.get(params, wanted);
      if (older?.text === undefined) {
        throw new AppError("not_found", `Version ${wanted} of ${params.name} is not there or has no text.`);
      }
      const change = { parts, call, ref: params, newest, message: body.message };
      const made = await restoreText(change, wanted, older.text);
      return { status: 200, headers: { etag: etagOf(made) }, body: describeVersion(made) };
    },
  });
}
