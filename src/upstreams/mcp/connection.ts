import type { AppError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { McpCallContext } from "../../core/mcp-call.ts";
import type { Rank } from "../../protocol/revisions.ts";
import type { McpReply, McpRequest } from "./mcp-request.ts";

/** What a server said of itself, in `initialize` or `server/discover`. */
export interface ServerDescription {
  readonly rank: Rank;
  readonly protocolVersion: string;
  readonly info: JsonObject;
  readonly capabilities: JsonObject;
  readonly instructions: string | undefined;
}

/**
 * A connection with one MCP server, in the era that the server speaks, ready for requests. Calls may
 * overlap. Ids and progress tokens are the connection's own: clients never see each other's.
 */
export interface McpConnection {
  readonly server: ServerDescription;
  /** Whether strangers may share it: nothing on it is kept between requests (2026-07-28). */
  readonly isStateless: boolean;
  /** Requests under way. */
  readonly inFlight: number;
  /**
   * Sends a request. Sets `context.abort` while it is under way; progress, log messages, other
   * notifications and input requests that belong to it go to the context. Rejects with `AppError`:
   * `cancelled`, `timed_out` (at `context.deadlineAt`), `upstream_failed`, `overloaded`; with
   * `session_not_found` when the server no longer knows the session, so that nothing was done.
   */
  request(request: McpRequest, context: McpCallContext): Promise<McpReply>;
  /** A request of the gateway's own (lists, ping): nobody to notify or to ask. */
  requestOwn(request: McpRequest, deadlineAt: number): Promise<McpReply>;
  /**
   * Makes sure that changes of lists and of exactly these resources are told from now on:
   * `resources/subscribe` and the GET stream, or a `subscriptions/listen` stream. The set stays the
   * caller's, who asks again whenever it has changed. Resolves when the server
   * has agreed, or when it is clear that it will not for now; never rejects.
   */
  watch(uris: ReadonlySet<string>): Promise<void>;
  /** Whether the server still answers: ping, or discover. Rejects like `request`. */
  ping(deadlineAt: number): Promise<void>;
  /**
   * Ends the session politely. May be called twice.
   *
   * @param reason what calls under way are rejected with; `cancelled` without it
   */
  close(reason?: AppError): Promise<void>;
  /** The same by force and at once: nobody answers on it. May be called twice, and after `close`. */
  abandon(reason: AppError): Promise<void>;
}

/** What a connection tells without being asked. Nothing is called after `onClosed`. */
export interface ConnectionListener {
  /** A notification that belongs to no request under way. */
  onNotification(method: string, params: JsonObject): void;
  /** The connection ended by itself: calls under way have been rejected already. */
  onClosed(error: AppError): void;
}

/**
 * Opens a connection: transport, era detection, handshake. Fails with `AppError` `upstream_failed` or
 * `timed_out`, whose message says what, where and how to mend it.
 */
export type OpenConnection = (listener: ConnectionListener, signal: AbortSignal) => Promise<McpConnection>;
