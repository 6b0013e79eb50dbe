import { type LogLevel, logLevels } from "../../core/call.ts";
import { AppError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import type { ClientDescription } from "../../core/mcp-call.ts";
import {
  type RpcMessage,
  type RpcNotification,
  type RpcRequest,
  type RpcResponse,
  readMessage,
} from "../../protocol/json-rpc.ts";
import { isListMethod, isSharedMethod } from "../../protocol/methods.ts";
import { negotiateLegacy, type Rank, rank } from "../../protocol/revisions.ts";
import { systemClock } from "../../upstreams/mcp/lifecycle/clock.ts";
import { settledWithin } from "../../upstreams/mcp/lifecycle/settled-within.ts";
import type { CompiledServer } from "../compile/compiled-server.ts";
import { describeLegacyServer } from "../describe-server.ts";
import { answer, settle } from "../dispatch.ts";
import { Exchange } from "../exchange.ts";
import { finishExchange } from "../finish-exchange.ts";
import type { GatewayState } from "../gateway-state.ts";
import { noInquirer } from "../input/no-inquirer.ts";
import type { ReplySink } from "../reply-sink.ts";
import { inEffectMs } from "../sessions/client-watches.ts";
import type { Session } from "../sessions/session.ts";
import type { Incoming } from "./incoming.ts";

const maxInFlight = 1_000;
const maxBatch = 50;
const maxSubscriptions = 1_000;

/** What `initialize` says of the client. */
export interface Handshake {
  readonly protocolVersion: string;
  readonly rank: Rank;
  readonly clientInfo: JsonObject | undefined;
  readonly capabilities: JsonObject;
}

/** @throws AppError `invalid_params` when the handshake lacks what the specification requires. */
export function readHandshake(params: JsonObject): Handshake {
  const { protocolVersion, clientInfo, capabilities } = params;
  if (typeof protocolVersion !== "string") {
    throw new AppError("invalid_params", "params.protocolVersion must be a string.");
  }
  return {
    ...negotiateLegacy(protocolVersion),
    clientInfo: isJsonObject(clientInfo) ? clientInfo : undefined,
    capabilities: isJsonObject(capabilities) ? capabilities : {},
  };
}

/** A client that is served without a session has said nothing of itself. */
const unknownClient: ClientDescription = Object.freeze({ info: undefined, capabilities: Object.freeze({}) });

export interface LegacyTurn {
  readonly state: GatewayState;
  readonly incoming: Incoming;
  /** Undefined when the route serves clients without a session. */
  readonly session: Session | undefined;
  readonly rank: Rank;
  /** What `initialize` answers. */
  readonly protocolVersion: string;
  readonly sink: ReplySink;
}

/** Answers one legacy request: what concerns the session here, everything else below the framing. */
export function answerLegacy(turn: LegacyTurn, message: RpcRequest): void {
  const { session } = turn;
  if (session !== undefined && session.inFlight.size >= maxInFlight) {
    throw new AppError("overloaded", `A session may have at most ${maxInFlight} requests under way.`);
  }
  const exchange = openExchange(turn, message);
  session?.inFlight.add(exchange);
  if (isSharedMethod(message.method)) {
    if (isListMethod(message.method)) void session?.watches.watchLists(turn.incoming.match.server);
    answer(exchange);
    return;
  }
  try {
    settle(exchange, answerSessionMethod(turn, message));
  } catch (error) {
    exchange.fail(error);
  }
}

function openExchange({ state, incoming, session, rank, sink }: LegacyTurn, message: RpcRequest): Exchange {
  const { match, snapshot, principal, request } = incoming;
  return new Exchange({
    message,
    snapshot,
    server: match.server,
    route: match.route,
    rank,
    principal,
    headers: request.headers,
    sink,
    envelope: undefined,
    client: session?.client ?? unknownClient,
    sessionId: session?.id,
    inquirer: session?.questions ?? noInquirer,
    logThreshold: session?.logThreshold ?? logLevels.indexOf("info"),
    onFinished: (exchange, outcome) => {
      session?.inFlight.delete(exchange);
      finishExchange(state, exchange, outcome);
    },
  });
}

function answerSessionMethod(
  { incoming, session, rank, protocolVersion }: LegacyTurn,
  message: RpcRequest,
): string | Promise<string> {
  switch (message.method) {
    case "ping":
      return "{}";
    case "initialize":
      if (session?.initialized === true)
        throw new AppError("invalid_request", "Invalid Request: the session is initialized already.");
      return describeLegacyServer(incoming.match.server, { principal: incoming.principal, protocolVersion, rank });
    case "logging/setLevel":
      session?.setLogLevel(readLevel(message.params["level"]));
      return "{}";
    case "resources/subscribe":
      return subscribe(incoming.match.server, session, message.params["uri"]);
    case "resources/unsubscribe":
      unsubscribe(session, message.params["uri"]);
      return "{}";
    default:
      throw new AppError("method_not_found", "This method is not known here.");
  }
}

function readLevel(level: unknown): LogLevel {
  const known = logLevels.find((name) => name === level);
  if (known === undefined) throw new AppError("invalid_params", `params.level must be one of ${logLevels.join(", ")}.`);
  return known;
}

function subscribe(server: CompiledServer, session: Session | undefined, uri: unknown): string | Promise<string> {
  if (typeof uri !== "string") throw new AppError("invalid_params", "params.uri must be a string.");
  if (session === undefined) throw new AppError("invalid_request", "Subscriptions need a session.");
  if (session.subscriptions.size >= maxSubscriptions) {
    throw new AppError("overloaded", `A session may have at most ${maxSubscriptions} subscriptions.`);
  }
  session.subscriptions.add(uri);
  const inEffect = session.watches.watchResource(server, uri);
  return inEffect === undefined ? "{}" : settledWithin(inEffect, inEffectMs, systemClock).then(() => "{}");
}

function unsubscribe(session: Session | undefined, uri: unknown): void {
  if (typeof uri !== "string") throw new AppError("invalid_params", "params.uri must be a string.");
  session?.subscriptions.delete(uri);
  session?.watches.unwatchResource(uri);
}

/** The messages of a batch, whose number is bounded. @throws AppError `invalid_request` in revisions without batches. */
export function readBatch(body: readonly unknown[], receiver: Rank): RpcMessage[] {
  if (receiver > rank["2025-03-26"]) throw new AppError("invalid_request", "Batches exist in 2025-03-26 only.");
  if (body.length === 0 || body.length > maxBatch) {
    throw new AppError("invalid_request", `A batch must have 1 to ${maxBatch} messages.`);
  }
  return body.map(readMessage);
}

/** Takes a notification, or the answer to a question; ones nobody knows are ignored (JSON-RPC 2.0, 4.1). */
export function takeQuiet(session: Session, message: RpcNotification | RpcResponse): void {
  if (message.kind === "response") {
    session.questions.answer(message);
    return;
  }
  switch (message.method) {
    case "notifications/initialized":
      session.initialized = true;
      return;
    case "notifications/cancelled": {
      const id = message.params["requestId"];
      if (typeof id === "string" || typeof id === "number" || typeof id === "bigint") session.cancel(id);
      return;
    }
    default:
  }
}
