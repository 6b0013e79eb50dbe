import type { AppError } from "../../../core/errors.ts";
import type { JsonObject, JsonValue } from "../../../core/json.ts";
import type { McpCallContext } from "../../../core/mcp-call.ts";
import type { Rank } from "../../../protocol/revisions.ts";
import type { ServerError, ServerRequest, ServerResult } from "../../../protocol/server-message.ts";
import type { ServerDescription } from "../connection.ts";
import type { McpReply, McpRequest } from "../mcp-request.ts";
import type { CallsUnderWay } from "./calls-under-way.ts";
import type { PendingCall } from "./pending-call.ts";
import { deliverProgress } from "./server-notifications.ts";

/** What a connection hears of its peer, besides answers and progress. */
export interface PeerEvents {
  /** @param stream the call whose own stream it came on; undefined when it came on one that belongs to none */
  onRequest(request: ServerRequest, stream: PendingCall | undefined): void;
  /** Any but progress. */
  onNotification(method: string, params: JsonObject, stream: PendingCall | undefined): void;
  /** For a while nothing was heard that belongs to no call. */
  onGap(): void;
  /** The peer is gone; calls under way have been rejected already. */
  onClosed(error: AppError): void;
}

/**
 * A server at the other end of some transport, and the requests under way there: framing, ids, progress,
 * cancellation and deadlines. What messages mean is the connection's, which sits on top.
 */
export interface Peer {
  readonly calls: CallsUnderWay;
  /** Why it is gone; undefined while it is there. */
  readonly ended: AppError | undefined;
  /** Set by the connection when it is ready to listen. */
  events: PeerEvents;
  /** Rejects like `McpConnection.request`. */
  request(request: McpRequest, context: McpCallContext): Promise<McpReply>;
  requestOwn(request: McpRequest, deadlineAt: number): Promise<McpReply>;
  /** Rejects the calls under way with this, or with `cancelled`, and ends the transport. May be called twice. */
  close(reason?: AppError): Promise<void>;
  /** The same without a word to the server. */
  abandon(reason: AppError): Promise<void>;
}

/** A peer of the legacy era. */
export interface LegacyPeer extends Peer {
  /** Whether what is sent first is read first. */
  readonly keepsOrder: boolean;
  /** Ends the handshake: tells `notifications/initialized`, and listens from now on. */
  begin(server: ServerDescription): Promise<void>;
  /** Resolves when what belongs to no call can be heard, or when it is clear that it cannot for now. */
  listening(): Promise<void>;
  /** Sends a notification, or an answer to a request of the server. Never throws. */
  send(message: string): void;
}

/** Before a connection listens: a server that speaks too early is not served yet. */
export const deafEvents: PeerEvents = {
  onRequest: () => undefined,
  onNotification: () => undefined,
  onGap: () => undefined,
  onClosed: () => undefined,
};

/** The answer of a server to a request of ours. */
export function asReply(response: ServerResult | ServerError, rank: Rank): McpReply {
  if (response.kind === "result") return { kind: "result", text: response.text, value: response.value, rank };
  const { code, message, data } = response;
  return { kind: "error", code, message, data, rank };
}

/**
 * Hands a notification on: progress to its call, any other to the connection.
 *
 * @param stream as in `PeerEvents`
 */
export function handOnNotification(
  { calls, events }: Peer,
  method: string,
  params: JsonObject,
  stream: PendingCall | undefined,
): void {
  if (method === "notifications/progress") deliverProgress(params, calls.get(ownId(params["progressToken"])));
  else events.onNotification(method, params, stream);
}

/** The id of one of our requests, wherever the server names it; undefined for what cannot be one. */
function ownId(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}
