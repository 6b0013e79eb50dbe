import type { AppError } from "../../core/errors.ts";

/**
 * A two-way stream of JSON-RPC messages with one MCP server: the pipes of a child process, or the two
 * endpoints of HTTP+SSE. Open when it is handed out.
 */
export interface MessageChannel {
  /** Sends one whole message; messages of one tick may travel together. Does nothing after the end. */
  send(message: string): void;
  /** Bytes that were sent and that the other side has not taken yet. */
  readonly pendingBytes: number;
  /** Ends politely, then by force, within a deadline. May be called twice; resolves when nothing is left over. */
  close(): Promise<void>;
  /** The same by force and at once: nobody answers at the other end. */
  abandon(): Promise<void>;
}

/** Who reads a channel. Nothing is called after `onClosed`. */
export interface ChannelReader {
  /** One message as text, without line breaks. It may be anything: the reader judges it. */
  onMessage(text: string): void;
  /** The channel has ended, by `close` or by itself; the error says why, for the operator and the caller. */
  onClosed(error: AppError): void;
}

/**
 * Opens a channel. Fails with `AppError("upstream_failed")` that says what, where and how to mend it.
 *
 * @param signal ends the attempt
 */
export type OpenChannel = (reader: ChannelReader, signal: AbortSignal) => Promise<MessageChannel>;
