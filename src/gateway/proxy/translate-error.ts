import { errorCatalogue } from "../../core/errors.ts";
import { isJsonObject, type JsonValue } from "../../core/json.ts";
import { type Rank, rank } from "../../protocol/revisions.ts";
import type { McpError } from "../../upstreams/mcp/mcp-request.ts";
import type { ErrorReply } from "../reply.ts";

const modern = rank["2026-07-28"];
const invalidParams = errorCatalogue.invalid_params.rpcCode;
const internal = errorCatalogue.internal.rpcCode;
const resourceNotFound = errorCatalogue.resource_not_found.rpcCode;
export const headerMismatch = errorCatalogue.header_mismatch.rpcCode;
export const missingCapability = errorCatalogue.missing_capability.rpcCode;
/** Of 2026-07-28: they speak of one hop, so no other peer can do anything with them. */
const hopCodes: ReadonlySet<number> = new Set([
  headerMismatch,
  missingCapability,
  errorCatalogue.unsupported_version.rpcCode,
]);
/** A user must open URLs first (2025-11-25). */
export const urlElicitationRequired = -32042;

/**
 * An upstream's JSON-RPC error in the terms of the client's revision.
 *
 * @param uri the resource that the request named, as the client knows it
 */
export function translateError(error: McpError, receiver: Rank, uri: string | undefined): ErrorReply {
  const { code, message } = error;
  const data = uri === undefined ? error.data : withUri(error.data, uri);
  if (uri !== undefined && isNotFound(error)) {
    return { kind: "error", code: receiver === modern ? invalidParams : resourceNotFound, message, data };
  }
  // That code is of older revisions alone.
  if (code === resourceNotFound && receiver === modern) return { kind: "error", code: invalidParams, message, data };
  // What the client lacks, it can declare.
  if (code === missingCapability && receiver === modern) return { kind: "error", code, message, data };
  if (hopCodes.has(code))
    return { kind: "error", code: internal, message: `The upstream refused: ${message}`, data: undefined };
  return { kind: "error", code, message, data };
}

/** Up to 2025-11-25 a code of its own, afterwards invalid parameters that name the URI. */
function isNotFound({ code, data, rank: sender }: McpError): boolean {
  if (code === resourceNotFound) return true;
  return code === invalidParams && sender === modern && isJsonObject(data) && data["uri"] !== undefined;
}

function withUri(data: JsonValue | undefined, uri: string): JsonValue {
  return isJsonObject(data) ? { ...data, uri } : { uri };
}
