import { logLevels } from "../../core/call.ts";
import { AppError } from "../../core/errors.ts";
import { isSharedMethod } from "../../protocol/methods.ts";
import type { RpcRequest } from "../../protocol/json-rpc.ts";
import { checkEnvelope, checkNameHeader, type ModernEnvelope } from "../../protocol/modern-request.ts";
import { rank } from "../../protocol/revisions.ts";
import { Exchange } from "../exchange.ts";
import { finishExchange } from "../finish-exchange.ts";
import type { GatewayState } from "../gateway-state.ts";
import { answer } from "../dispatch.ts";
import { acceptsEvents, headerOf, type Incoming } from "./incoming.ts";
import { openListenStream } from "./listen-stream.ts";
import { PostResponse } from "./post-response.ts";

/**
 * One request of 2026-07-28: the ladder of checks in its order, then the answer. Closing the
 * connection cancels the request.
 */
export function answerModern(state: GatewayState, incoming: Incoming, message: RpcRequest): void {
  const envelope = checkEnvelope(message, {
    protocolVersion: headerOf(incoming, "mcp-protocol-version"),
    method: headerOf(incoming, "mcp-method"),
    name: undefined,
  });
  const { method } = message;
  if (method === "subscriptions/listen") {
    openListenStream(state, incoming, message);
    return;
  }
  if (!isSharedMethod(method) && method !== "server/discover") {
    throw new AppError("method_not_found", "This method is not known in 2026-07-28.");
  }
  checkNameHeader(message, headerOf(incoming, "mcp-name"));
  const exchange = openExchange(state, incoming, message, envelope);
  incoming.response.on("close", () => exchange.cancel());
  answer(exchange);
}

function openExchange(
  state: GatewayState,
  incoming: Incoming,
  message: RpcRequest,
  envelope: ModernEnvelope,
): Exchange {
  const { response, match, snapshot, principal, cors, request } = incoming;
  const { route, server } = match;
  return new Exchange({
    message,
    snapshot,
    server,
    route,
    rank: rank["2026-07-28"],
    principal,
    headers: request.headers,
    envelope,
    client: envelope,
    sessionId: undefined,
    inquirer: state.parking,
    sink: new PostResponse({
      response,
      headers: cors,
      acceptsEvents: acceptsEvents(incoming),
      keepAlive: state.keepAlive,
      keepAliveMs: route.config.streams.keepAliveMs,
      retryMs: route.config.streams.retryMs,
      maxOpenMs: undefined,
      streams: undefined,
      primes: false,
      batchSize: undefined,
    }),
    logThreshold: thresholdOf(envelope.logLevel),
    onFinished: (exchange, outcome) => finishExchange(state, exchange, outcome),
  });
}

/** Without a level in the request nothing may be logged to the client (2026-07-28, logging). */
function thresholdOf(level: string | undefined): number {
  const index = logLevels.findIndex((known) => known === level);
  return index === -1 ? Number.POSITIVE_INFINITY : index;
}
