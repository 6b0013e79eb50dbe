import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import * as z from "zod";
import type { ConfigStore, DocumentChanges } from "../../core/config-store.ts";
import {
  documentFeedLine,
  feedVersion,
  gatewayIdSchema,
  gatewayReportSchema,
  keyRecordsSchema,
  keyUseSchema,
  sealedSecretsSchema,
  toReport,
} from "../../core/gateway-feed.ts";
import type { ReportReceiver } from "../../core/gateway-registry.ts";
import type { KeySource } from "../../core/key-source.ts";
import type { SealedSecretSource } from "../../core/secret-store.ts";
import { type AnyOperation, defineOperation, type Reply } from "../operation.ts";

export interface GatewayFeedParts {
  readonly documents: Pick<ConfigStore, "changesSince">;
  readonly secrets: SealedSecretSource;
  readonly keys: KeySource;
  readonly registry: ReportReceiver;
}

const tag = "Gateway feed";
const access = { kind: "gateway" } as const;
const etagDescription = "Revision that is known, as the `ETag` of an earlier answer; an unchanged one is answered 304.";
const headers = [{ name: "If-None-Match", description: etagDescription }] as const;
const notModified = { description: "Nothing has changed." };

/** What gateways that reach no store read and say through the apiserver. */
export function gatewayFeedOperations(parts: GatewayFeedParts): readonly AnyOperation[] {
  return [documentFeed(parts), secretFeed(parts), keyFeed(parts), keyUse(parts), ...reports(parts)];
}

function documentFeed(parts: GatewayFeedParts): AnyOperation {
  return defineOperation({
    id: "readDocumentFeed",
    method: "get",
    path: "/gateway/documents",
    tag,
    summary: "Documents that changed after a revision.",
    description:
      "Lines of JSON: the first says `revision`, `isComplete` (forget documents that are not among the lines) and `count`; each other one is the newest version of a document with its text, deletions without one.",
    access,
    query: z.object({ since: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0) }),
    headers,
    responses: {
      200: { description: "The changes, by lines.", schema: documentFeedLine, contentType: "application/x-ndjson" },
      304: notModified,
    },
    handle: async ({ query, header }) => {
      const changes = await parts.documents.changesSince(query.since);
      const etag = etagOf(changes.revision);
      if (header("if-none-match") === etag && changes.changed.length === 0) return { status: 304, headers: { etag } };
      return feed(changes, etag, acceptsGzip(header("accept-encoding")));
    },
  });
}

/** Written as it is read: ten thousand documents are never one text. */
function feed(changes: DocumentChanges, etag: string, zips: boolean): Reply {
  const lines = Readable.from(feedLines(changes));
  const body = zips ? lines.pipe(createGzip({ level: 1 })) : lines;
  if (zips) lines.on("error", (error) => body.destroy(error));
  return {
    status: 200,
    headers: {
      etag,
      "content-type": "application/x-ndjson",
      vary: "accept-encoding",
      ...(zips ? { "content-encoding": "gzip" } : {}),
    },
    raw: Readable.toWeb(body),
  };
}

function* feedLines({ revision, isComplete, changed }: DocumentChanges): Generator<Buffer> {
  yield Buffer.from(`${JSON.stringify({ revision, isComplete, count: changed.length })}\n`);
  for (const version of changed) yield Buffer.from(`${JSON.stringify(feedVersion(version))}\n`);
}

function secretFeed(parts: GatewayFeedParts): AnyOperation {
  return defineOperation({
    id: "readSecretFeed",
    method: "get",
    path: "/gateway/secrets",
    tag,
    summary: "Every secret, sealed: only who has the encryption key can open it.",
    access,
    headers,
    responses: { 200: { description: "All secrets.", schema: sealedSecretsSchema }, 304: notModified },
    handle: async ({ header }) => {
      const etag = etagOf(await parts.secrets.revision());
      if (header("if-none-match") === etag) return { status: 304, headers: { etag } };
      const { revision, secrets } = await parts.secrets.readAll();
      return { status: 200, headers: { etag: etagOf(revision) }, body: { revision, secrets } };
    },
  });
}

function keyFeed(parts: GatewayFeedParts): AnyOperation {
  return defineOperation({
    id: "readKeyFeed",
    method: "get",
    path: "/gateway/keys",
    tag,
    summary: "Every API key that is in force, by its hash, and the tenants that nobody is let in to.",
    access,
    headers,
    responses: { 200: { description: "All keys.", schema: keyRecordsSchema }, 304: notModified },
    handle: async ({ header }) => {
      const etag = etagOf(await parts.keys.revision());
      if (header("if-none-match") === etag) return { status: 304, headers: { etag } };
      const records = await parts.keys.readAll();
      return { status: 200, headers: { etag: etagOf(records.revision) }, body: records };
    },
  });
}

function keyUse(parts: GatewayFeedParts): AnyOperation {
  return defineOperation({
    id: "recordKeyUse",
    method: "post",
    path: "/gateway/key-use",
    tag,
    summary: "When API keys were used last.",
    access,
    body: keyUseSchema,
    maxBodyBytes: 4 * 1_048_576,
    responses: { 204: { description: "Taken." } },
    handle: async ({ body }) => {
      await parts.keys.recordUse(new Map(body.used.map(({ id, at }) => [id, at])));
      return { status: 204 };
    },
  });
}

function reports(parts: GatewayFeedParts): readonly AnyOperation[] {
  return [
    defineOperation({
      id: "reportGateway",
      method: "put",
      path: "/gateway/reports/{id}",
      tag,
      summary: "What a gateway serves.",
      access,
      params: gatewayIdSchema,
      body: gatewayReportSchema,
      maxBodyBytes: 8 * 1_048_576,
      responses: { 204: { description: "Taken." } },
      handle: async ({ params, body }) => {
        await parts.registry.report(toReport(params.id, body));
        return { status: 204 };
      },
    }),
    defineOperation({
      id: "leaveGateway",
      method: "delete",
      path: "/gateway/reports/{id}",
      tag,
      summary: "A gateway has ended as it should.",
      access,
      params: gatewayIdSchema,
      responses: { 204: { description: "Taken." } },
      handle: async ({ params }) => {
        await parts.registry.leave(params.id);
        return { status: 204 };
      },
    }),
  ];
}

function etagOf(revision: number): string {
  return `"${revision}"`;
}

function acceptsGzip(accepted: string | undefined): boolean {
  return accepted !== undefined && /(?:^|,)\s*gzip\s*(?:,|;\s*q=(?!0(?:\.0*)?\s*(?:,|$))|$)/i.test(accepted);
}
