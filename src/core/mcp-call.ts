import type { CallContext, LogLevel } from "./call.ts";
import type { JsonObject, JsonValue } from "./json.ts";

/**
 * What an upstream needs to know from the client in the middle of a call: elicitation, sampling or
 * roots. The legacy era sends it as a request from server to client, 2026-07-28 as an entry of
 * `inputRequests`.
 */
export interface InputRequest {
  /** `elicitation/create`, `sampling/createMessage` or `roots/list`. */
  readonly method: string;
  readonly params: JsonObject;
}

/** What the client answered to an `InputRequest`. */
export type InputResponse =
  | { readonly kind: "result"; readonly result: JsonObject }
  | { readonly kind: "error"; readonly code: number; readonly message: string; readonly data?: JsonValue };

/** What a client said of itself, in its handshake or in the envelope of its request. */
export interface ClientDescription {
  readonly info: JsonObject | undefined;
  readonly capabilities: JsonObject;
}

/** One request on its way to an MCP server: who asks, and every way back to the client. */
export interface McpCallContext extends CallContext {
  readonly client: ClientDescription;
  /** The client's session; undefined for a client that has none. */
  readonly sessionId: string | undefined;
  /** What the client wants to see of the log during this request; undefined for nothing. */
  readonly logLevel: LogLevel | undefined;
  readonly wantsProgress: boolean;
  /**
   * When the answer must be there, on the clock of `performance.now()`. Moves on by the time that the
   * client takes to answer input requests, so upstreams read it again rather than keep it.
   */
  readonly deadlineAt: number;
  /**
   * Passes a notification on that belongs to this request and is neither progress nor a log message.
   * Never throws.
   */
  notify(method: string, params: JsonObject): void;
  /**
   * Puts a question to the client in whatever way its revision allows, and waits for the answer, which
   * may take minutes. Resolves with an `error` when the client refuses or cannot be asked; rejects
   * with `AppError("cancelled")` when the call is over by then. Several may be under way at once.
   */
  requestInput(request: InputRequest): Promise<InputResponse>;
}
