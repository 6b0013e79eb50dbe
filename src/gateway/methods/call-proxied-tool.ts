import type { JsonObject } from "../../core/json.ts";
import type { McpRequest } from "../../upstreams/mcp/mcp-request.ts";
import type { ProxiedTool, UriNamespace } from "../catalogue/server-view.ts";
import type { Exchange } from "../exchange.ts";
import type { Reply } from "../reply.ts";
import type { Round } from "../input/read-round.ts";
import { continueRound } from "../proxy/continue-round.ts";
import { forward } from "../proxy/forward-request.ts";
import { toolRequest } from "../proxy/mcp-requests.ts";
import { hasDeclined } from "../proxy/url-elicitation.ts";
import { encodeCallFailure } from "./encode-call-result.ts";

/** A call of a tool of an MCP upstream that may go out. */
export interface ProxiedCall {
  readonly tool: ProxiedTool;
  readonly args: JsonObject;
  readonly round: Round;
  /** How URIs of the upstream are written for clients. */
  readonly namespace: UriNamespace | undefined;
}

/** Calls a tool of an MCP upstream. Its schema is the upstream's to enforce. */
export function callProxiedTool(
  exchange: Exchange,
  { tool, args, round, namespace }: ProxiedCall,
): Reply | Promise<Reply> {
  if (round.state?.kind === "visited" && hasDeclined(round.responses)) {
    return encodeCallFailure(exchange, `"${tool.name}" was not called: the user did not open what it needs.`);
  }
  const { upstream } = tool;
  exchange.deadlineAt = performance.now() + tool.timeoutMs;
  const write = (listed: ProxiedTool): McpRequest =>
    continueRound(exchange, upstream, toolRequest(exchange, listed, args), round);
  return forward({
    exchange,
    method: "tools/call",
    upstream,
    request: write(tool),
    namespace,
    uri: undefined,
    rewrite: async () => {
      const { server, principal } = exchange;
      await upstream.open().relisted(principal);
      const listed = server.catalogue.current(principal).tools.get(tool.name);
      return listed?.kind === "mcp" && listed.upstream === upstream ? write(listed) : undefined;
    },
  });
}

/** The arguments with the configured values of those that the call leaves out. */
export function fillIn(given: JsonObject, defaults: JsonObject | undefined): JsonObject {
  return defaults === undefined ? given : { ...defaults, ...given };
}
