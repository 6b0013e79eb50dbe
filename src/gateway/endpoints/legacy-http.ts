import { AppError } from "../../core/errors.ts";
import type { RpcMessage, RpcRequest } from "../../protocol/json-rpc.ts";
import { headerlessRevision, legacyRank, type Rank, rank } from "../../protocol/revisions.ts";
import { EventWriter } from "../sessions/event-writer.ts";
import type { GatewayState } from "../gateway-state.ts";
import type { Session } from "../sessions/session.ts";
import type { SessionOwner } from "../sessions/session-registry.ts";
import { writeEmpty } from "./http-json.ts";
import { acceptsEvents, headerOf, type Incoming, isModernByHeader } from "./incoming.ts";
import { answerLegacy, readBatch, readHandshake, takeQuiet } from "./legacy-messages.ts";
import { PostResponse } from "./post-response.ts";
import { refuse } from "./refuse.ts";

const sessionHeader = "mcp-session-id";

/** One message of a client with a handshake, over Streamable HTTP. Throws what refuses it. */
export function takeLegacyMessage(state: GatewayState, incoming: Incoming, message: RpcMessage): void {
  if (message.kind === "request" && message.method === "initialize") {
    initialize(state, incoming, message);
    return;
  }
  const client = findClient(state, incoming, message.kind !== "request");
  if (message.kind === "request") {
    const sink = openResponse(state, incoming, client, undefined);
    answerLegacy({ state, incoming, ...client, sink }, message);
    return;
  }
  if (client.session !== undefined) takeQuiet(client.session, message);
  writeEmpty(incoming.response, 202, incoming.cors);
}

/** The messages of a batch run at once; 2025-03-26 has them, later revisions do not. */
export function takeLegacyBatch(state: GatewayState, incoming: Incoming, body: readonly unknown[]): void {
  const { request, response, cors } = incoming;
  try {
    if (isModernByHeader(incoming)) throw new AppError("invalid_request", "Batches exist in 2025-03-26 only.");
    const client = findClient(state, incoming, false);
    const messages = readPostedBatch(body, client.rank);
    const requests = messages.filter((message) => message.kind === "request");
    for (const message of messages) {
      if (message.kind !== "request" && client.session !== undefined) takeQuiet(client.session, message);
    }
    if (requests.length === 0) {
      writeEmpty(response, 202, cors);
      return;
    }
    const sink = openResponse(state, incoming, client, requests.length);
    for (const message of requests) answerLegacy({ state, incoming, ...client, sink }, message);
  } catch (error) {
    refuse(state, { request, response, error, headers: cors });
  }
}

function readPostedBatch(body: readonly unknown[], receiver: Rank): RpcMessage[] {
  const messages = readBatch(body, receiver);
  if (messages.some((message) => message.kind === "request" && message.method === "initialize")) {
    throw new AppError("invalid_request", "initialize must not be part of a batch.");
  }
  return messages;
}

interface LegacyClient {
  readonly session: Session | undefined;
  readonly rank: Rank;
  readonly protocolVersion: string;
}

function initialize(state: GatewayState, incoming: Incoming, message: RpcRequest): void {
  const { match, principal, response } = incoming;
  const given = headerOf(incoming, sessionHeader);
  if (given !== undefined && state.sessions.find(given, ownerOf(incoming)) !== undefined) {
    throw new AppError("invalid_request", "Invalid Request: the session is initialized already.");
  }
  if (state.draining) throw new AppError("overloaded", "This gateway is shutting down; connect again.");
  const handshake = readHandshake(message.params);
  const session = match.route.config.sessions.required
    ? state.sessions.create(
        {
          ...handshake,
          transport: "http",
          prefix: match.route.prefix,
          serverKey: match.server.key,
          principal,
        },
        match.route.config.sessions,
      )
    : undefined;
  if (session !== undefined) response.setHeader("Mcp-Session-Id", session.id);
  const client = { session, rank: handshake.rank, protocolVersion: handshake.protocolVersion };
  const sink = openResponse(state, incoming, client, undefined);
  answerLegacy({ state, incoming, ...client, sink }, message);
}

/** The session that the headers name, or the revision of a client that is served without one. */
function findClient(state: GatewayState, incoming: Incoming, quiet: boolean): LegacyClient {
  const { match } = incoming;
  const version = headerOf(incoming, "mcp-protocol-version");
  const id = headerOf(incoming, sessionHeader);
  if (id !== undefined && match.route.config.sessions.required) {
    const session = state.sessions.find(id, ownerOf(incoming));
    if (session === undefined) throw new AppError("session_not_found", "Session not found; initialize again.");
    checkVersion(version);
    return { session, rank: session.rank, protocolVersion: session.protocolVersion };
  }
  const known = checkVersion(version) ?? rank[headerlessRevision];
  if (match.route.config.sessions.required && !quiet) {
    throw new AppError("bad_request", "The header Mcp-Session-Id is missing; send initialize first.");
  }
  return { session: undefined, rank: known, protocolVersion: version ?? headerlessRevision };
}

function ownerOf({ match, principal }: Incoming): SessionOwner {
  return { transport: "http", prefix: match.route.prefix, principal };
}

function checkVersion(version: string | undefined): Rank | undefined {
  if (version === undefined) return undefined;
  const known = legacyRank(version);
  if (known === undefined) {
    throw new AppError(
      "bad_request",
      "Unsupported protocol version in MCP-Protocol-Version; supported: 2024-11-05 to 2025-11-25 with a session, 2026-07-28 without.",
    );
  }
  return known;
}

function openResponse(
  state: GatewayState,
  incoming: Incoming,
  client: LegacyClient,
  batchSize: number | undefined,
): PostResponse {
  const { streams } = incoming.match.route.config;
  return new PostResponse({
    response: incoming.response,
    headers: incoming.cors,
    acceptsEvents: acceptsEvents(incoming),
    keepAlive: state.keepAlive,
    keepAliveMs: streams.keepAliveMs,
    retryMs: streams.retryMs,
    maxOpenMs: streams.maxOpenMs,
    streams: client.session?.streams,
    primes: client.rank >= rank["2025-11-25"],
    batchSize,
  });
}

/** GET: the stream for messages of the server's own accord, or the rest of an interrupted one. */
export function openStandaloneStream(state: GatewayState, incoming: Incoming): void {
  const { request, response, cors } = incoming;
  try {
    const id = headerOf(incoming, sessionHeader);
    if (id === undefined) throw new AppError("method_not_allowed", "GET needs a session.", { data: "POST" });
    const session = state.sessions.find(id, ownerOf(incoming));
    if (session === undefined) throw new AppError("session_not_found", "Session not found; initialize again.");
    if (!acceptsEvents(incoming)) throw new AppError("not_acceptable", "Accept must include text/event-stream.");
    checkVersion(headerOf(incoming, "mcp-protocol-version"));
    attachStream(state, incoming, session);
  } catch (error) {
    refuse(state, { request, response, error, headers: cors });
  }
}

function attachStream(state: GatewayState, incoming: Incoming, session: Session): void {
  const lastEventId = headerOf(incoming, "last-event-id");
  const resumed = lastEventId === undefined ? undefined : session.streams.find(lastEventId);
  if (lastEventId !== undefined && resumed === undefined) {
    throw new AppError("bad_request", "Last-Event-ID names no stream that is still kept.");
  }
  const { streams } = incoming.match.route.config;
  const stream = resumed?.stream ?? session.standaloneStream();
  const writer = new EventWriter({
    response: incoming.response,
    headers: incoming.cors,
    keepAlive: state.keepAlive,
    keepAliveMs: streams.keepAliveMs,
    onClose: () => {
      stream.detach(writer);
      session.lastSeenAt = performance.now();
    },
  });
  if (resumed !== undefined) stream.replay(resumed.sequence, writer);
  if (stream.isEnded) {
    writer.end();
    return;
  }
  stream.attach(writer);
  if (resumed === undefined && session.rank >= rank["2025-11-25"]) stream.prime(streams.retryMs);
}

/** DELETE: the client ends its session. */
export function deleteSession(state: GatewayState, incoming: Incoming): void {
  const { request, response, cors } = incoming;
  try {
    const id = headerOf(incoming, sessionHeader);
    if (id === undefined) throw new AppError("method_not_allowed", "DELETE needs a session.", { data: "POST" });
    const session = state.sessions.find(id, ownerOf(incoming));
    if (session === undefined) throw new AppError("session_not_found", "Session not found.");
    state.sessions.delete(session);
    writeEmpty(response, 200, cors);
  } catch (error) {
    refuse(state, { request, response, error, headers: cors });
  }
}
