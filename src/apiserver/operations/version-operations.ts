import * as z from "zod";
import type { DocumentRef, StoredVersion } from "../../core/config-store.ts";
import { AppError } from "../../core/errors.ts";
import { type AnyOperation, defineOperation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-schema.ts";
import { recordServerChange } from "../servers/change-server.ts";
import { diffTexts } from "../servers/diff-texts.ts";
import type { ServerParts } from "../servers/server-parts.ts";
import {
  describeVersion,
  serverParams,
  serverVersion,
  serverVersionWithText,
  tagParams,
  textDiff,
  versionNumber,
  versionParams,
} from "../servers/server-schemas.ts";
import { answerVersion, yamlType } from "./server-operations.ts";

const tag = "Versions";
const path = "/tenants/{tenant}/servers/{name}";
const absent = { 404: { description: "There is no such server or version." } } as const;

/** The history of servers: versions, what differs between them, and their tags. */
export function versionOperations(parts: ServerParts): readonly AnyOperation[] {
  return [listVersions(parts), getVersion(parts), diffVersions(parts), tagVersion(parts), untagVersion(parts)];
}

function listVersions({ documents }: ServerParts): AnyOperation {
  return defineOperation({
    id: "listServerVersions",
    method: "get",
    path: `${path}/versions`,
    tag,
    summary: "List the versions of a server, newest first",
    description: "Also of a deleted server.",
    access: { kind: "permission", permission: "servers.read" },
    params: serverParams,
    query: pageQuery,
    responses: { ...absent, 200: { description: "A page of versions.", schema: pageOf(serverVersion) } },
    handle: async ({ params, query }) => {
      const { items, nextCursor } = await documents.history(params, query);
      if (items.length === 0 && query.cursor === undefined) {
        throw new AppError("not_found", `The tenant ${params.tenant} has no server ${params.name}.`);
      }
      return { status: 200, body: { items: items.map(describeVersion), nextCursor } };
    },
  });
}

function getVersion(parts: ServerParts): AnyOperation {
  return defineOperation({
    id: "getServerVersion",
    method: "get",
    path: `${path}/versions/{version}`,
    tag,
    summary: "Get a version of a server with its text",
    description: "With `Accept: application/yaml` the text alone, byte for byte.",
    access: { kind: "permission", permission: "servers.read" },
    params: versionParams,
    responses: {
      ...absent,
      200: { description: "The version.", schema: serverVersionWithText, otherContentTypes: [yamlType] },
    },
    handle: async ({ params, header }) =>
      // Tags of a version change, so there is no ETag to ask by.
      answerVersion(await findVersion(parts, params, params.version), (name) =>
        name === "accept" ? header(name) : undefined,
      ),
  });
}

async function findVersion(
  { documents }: ServerParts,
  ref: DocumentRef,
  version: number | undefined,
): Promise<StoredVersion> {
  const found = await documents.get({ tenant: ref.tenant, name: ref.name }, version);
  if (found !== undefined) return found;
  const what = version === undefined ? `server ${ref.name}` : `version ${version} of ${ref.name}`;
  throw new AppError("not_found", `There is no ${what}.`);
}

function diffVersions(parts: ServerParts): AnyOperation {
  return defineOperation({
    id: "diffServerVersions",
    method: "get",
    path: `${path}/diff`,
    tag,
    summary: "Compare any two versions of a server",
    access: { kind: "permission", permission: "servers.read" },
    params: serverParams,
    query: z.object({
      from: versionNumber.describe("The version to compare."),
      to: versionNumber.optional().describe("The version to compare it with; without it the newest."),
    }),
    responses: {
      ...absent,
      200: {
        description: "What differs.",
        schema: z
          .strictObject({ from: serverVersion, to: serverVersion, diff: textDiff })
          .meta({ id: "VersionDiff", description: "Two versions and what differs between their texts." }),
      },
    },
    handle: async ({ params, query }) => {
      const [from, to] = await Promise.all([
        findVersion(parts, params, query.from),
        findVersion(parts, params, query.to),
      ]);
      const diff = diffTexts(named(from), named(to));
      return { status: 200, body: { from: describeVersion(from), to: describeVersion(to), diff } };
    },
  });
}

function named({ version, text = "" }: StoredVersion) {
  return { label: `version ${version}`, text };
}

function tagVersion(parts: ServerParts): AnyOperation {
  return defineOperation({
    id: "tagServerVersion",
    method: "put",
    path: `${path}/tags/{tag}`,
    tag,
    summary: "Give a version a name",
    description: "A name that another version of the server has moves. Tagged versions are not pruned.",
    access: { kind: "permission", permission: "servers.write" },
    params: tagParams,
    body: z.strictObject({ version: versionNumber }),
    responses: { ...absent, 204: { description: "The version has the tag." } },
    handle: async (call) => {
      const { params, body } = call;
      await parts.documents.tag({ tenant: params.tenant, name: params.name }, body.version, params.tag);
      const after = { tag: params.tag, version: body.version };
      await recordServerChange(parts, call, { ref: params, action: "server.tag", after });
      return { status: 204 };
    },
  });
}

function untagVersion(parts: ServerParts): AnyOperation {
  return defineOperation({
    id: "untagServerVersion",
    method: "delete",
    path: `${path}/tags/{tag}`,
    tag,
    summary: "Take a name of a version away",
    description: "Nothing happens when no version has it.",
    access: { kind: "permission", permission: "servers.write" },
    params: tagParams,
    responses: { ...absent, 204: { description: "No version has the tag." } },
    handle: async (call) => {
      const { params } = call;
      const ref = { tenant: params.tenant, name: params.name };
      await findVersion(parts, ref, undefined);
      await parts.documents.untag(ref, params.tag);
      await recordServerChange(parts, call, { ref, action: "server.untag", before: { tag: params.tag } });
      return { status: 204 };
    },
  });
}
