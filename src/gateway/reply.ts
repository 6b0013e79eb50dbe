import type { CallStream, LogEntry, ProgressUpdate } from "../core/call.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";

/** An error that an upstream answered, in the terms of the client's revision. */
export interface ErrorReply {
  readonly kind: "error";
  readonly code: number;
  readonly message: string;
  readonly data: JsonValue | undefined;
}

/** What a method answers: JSON text of the result, bytes that end the response, a stream of text, or an error. */
export type Reply = string | Buffer | CallStream | ErrorReply;

/** Who speaks to the client for an exchange whose response was spent on questions. */
export interface StandIn {
  progress(update: ProgressUpdate): void;
  log(entry: LogEntry): void;
  notify(method: string, params: JsonObject): void;
  succeed(reply: Reply): void;
  fail(error: unknown): void;
}
