import { AppError } from "../../../core/errors.ts";
import { isJsonObject } from "../../../core/json.ts";
import { rpcCodeOf } from "../../../protocol/json-rpc.ts";
import { modernRevision } from "../../../protocol/revisions.ts";
import type { ServerDescription } from "../connection.ts";
import type { McpError, McpReply } from "../mcp-request.ts";
import { isDiscoverResult, readDiscoverResult } from "./handshake.ts";
import type { Refusing } from "./protocol-refusal.ts";

/** What the answer to `server/discover` says about a server. */
export type Discovery =
  | { readonly kind: "modern"; readonly server: ServerDescription }
  | { readonly kind: "legacy" }
  /** It serves the revision but wants to be asked again. */
  | { readonly kind: "again" };

/**
 * Judges by codes that only servers of the modern era know; any other answer is one to an unknown method,
 * for which servers have many. Fails when the server is of the modern era and refuses to be discovered.
 */
export function judgeDiscovery(reply: McpReply, { label }: Refusing): Discovery {
  if (reply.kind === "result") {
    const server = isDiscoverResult(reply) ? readDiscoverResult(reply) : undefined;
    return server === undefined ? { kind: "legacy" } : { kind: "modern", server };
  }
  switch (reply.code) {
    case rpcCodeOf("unsupported_version"):
      return { kind: servesModern(reply) ? "again" : "legacy" };
    case rpcCodeOf("header_mismatch"):
    case rpcCodeOf("missing_capability"): {
      const said = reply.message.slice(0, 200);
      throw new AppError("upstream_failed", `${label} refused \`server/discover\`: ${said} (${reply.code}).`);
    }
    default:
      return { kind: "legacy" };
  }
}

function servesModern({ data }: McpError): boolean {
  const supported = isJsonObject(data) ? data["supported"] : undefined;
  return Array.isArray(supported) && supported.includes(modernRevision);
}
