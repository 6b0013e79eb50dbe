import type { JsonObject } from "../../../core/json.ts";
import { stringifyJson } from "../../../core/lossless-json.ts";
import type { McpCallContext } from "../../../core/mcp-call.ts";
import { clientMembers, envelopeMembers, modernCapabilities } from "../../../protocol/client-envelope.ts";
import type { McpRequest } from "../mcp-request.ts";
import { clientCapabilities } from "./handshake.ts";

/**
 * A whole JSON-RPC request as text, in the dress of one era.
 *
 * @param context undefined for a request of the gateway's own
 * @param id also the progress token
 */
export type WriteRequest = (request: McpRequest, context: McpCallContext | undefined, id: number) => string;

/** A request of the legacy era. */
export function writeLegacyRequest(request: McpRequest, context: McpCallContext | undefined, id: number): string {
  let meta = membersOf(request.meta);
  if (context !== undefined) {
    if (context.wantsProgress) meta = joined(meta, `"progressToken":${id}`);
    // A client with a session of its own was described in the handshake, or shares the session with others like it.
    if (context.sessionId === undefined) {
      const { info, capabilities } = context.client;
      meta = joined(meta, clientMembers({ clientInfo: info, clientCapabilities: capabilities }));
    }
  }
  return written(request, meta === "" ? "" : `"_meta":{${meta}}`, id);
}

/** Makes what writes requests of 2026-07-28. */
export function modernRequestWriter(ownInfo: JsonObject): WriteRequest {
  const ownMembers = envelopeMembers({
    clientInfo: ownInfo,
    clientCapabilities: modernCapabilities(clientCapabilities("2025-11-25")),
    logLevel: undefined,
  });
  return (request, context, id) => {
    let meta = joined(membersOf(request.meta), context === undefined ? ownMembers : membersFor(context, ownInfo));
    if (context?.wantsProgress === true) meta = joined(meta, `"progressToken":${id}`);
    return written(request, `"_meta":{${meta}}`, id);
  };
}

function membersFor({ client, logLevel }: McpCallContext, ownInfo: JsonObject): string {
  return envelopeMembers({
    clientInfo: client.info ?? ownInfo,
    clientCapabilities: modernCapabilities(client.capabilities),
    logLevel,
  });
}

function written({ method, params }: McpRequest, metaMember: string, id: number): string {
  const rest = metaMember === "" || params === "{" ? metaMember : `,${metaMember}`;
  // Methods are the gateway's own words: nothing in them needs escaping.
  return `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}${rest}}}`;
}

/** JSON text of an object's members without the braces. */
function membersOf(object: JsonObject | undefined): string {
  return object === undefined ? "" : stringifyJson(object).slice(1, -1);
}

function joined(members: string, more: string): string {
  return members === "" ? more : `${members},${more}`;
}
