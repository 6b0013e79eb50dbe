import type { CallStream } from "../core/call.ts";

/** Where the answer to one message goes. The endpoint that took the message implements it. */
export interface ReplySink {
  /** Whether notifications and questions can reach the client before the answer. */
  readonly acceptsMessages: boolean;
  /** Whether `stream` may be used for a large result. */
  readonly acceptsStream: boolean;
  /** Sends a whole notification or request before the answer. */
  send(message: string): void;
  /** Sends the whole response, `head` + `tail`. `httpStatus` counts while nothing is committed. */
  reply(httpStatus: number, head: string, tail: string | Buffer): void;
  /** Sends `head`, the stream's pieces and its tail, then `close`. Calls `onEnd` when all is handed over or the client is gone. */
  stream(head: string, stream: CallStream, close: string, onEnd: () => void): void;
  /** Ends without a response: the client has cancelled the request. */
  abandon(): void;
}
