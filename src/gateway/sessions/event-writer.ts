import type { ServerResponse } from "node:http";
import { encodeRetry, eventStreamType, keepAliveComment } from "../../protocol/event-stream.ts";
import type { KeepAlive } from "./keep-alive.ts";

/** A reader that leaves this much unread is cut off; it may come back and resume. */
const maxPendingBytes = 1_048_576;
/** How long the kernel waits before it probes a silent peer: half-open sockets are found by it. */
const tcpKeepAliveMs = 15_000;

export interface EventWriterOptions {
  readonly response: ServerResponse;
  readonly headers: readonly string[];
  readonly keepAlive: KeepAlive;
  readonly keepAliveMs: number;
  /** Called once when the connection is gone or the stream was ended. */
  readonly onClose: () => void;
}

/** A `text/event-stream` response: bounded, kept alive, closed once. */
export class EventWriter {
  readonly #response: ServerResponse;
  readonly #onClose: () => void;
  readonly #stopKeepAlive: () => void;
  #open = true;

  constructor(options: EventWriterOptions) {
    this.#response = options.response;
    this.#onClose = options.onClose;
    options.response.writeHead(200, [
      "Content-Type",
      eventStreamType,
      "Cache-Control",
      "no-cache, no-transform",
      "X-Accel-Buffering",
      "no",
      ...options.headers,
    ]);
    options.response.flushHeaders();
    const { socket } = options.response;
    socket?.setKeepAlive(true, tcpKeepAliveMs);
    socket?.setTimeout(0);
    options.response.once("close", () => this.#closed());
    this.#stopKeepAlive = options.keepAlive.add(this, options.keepAliveMs);
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Writes whole events; a reader that lags too far behind is disconnected instead. */
  write(text: string): void {
    if (!this.#open) return;
    if (this.#response.writableLength > maxPendingBytes) {
      this.#response.destroy();
      this.#closed();
      return;
    }
    this.#response.write(text);
  }

  /** Ends the stream after what was written; `retryMs` tells the client when to come back. */
  end(retryMs?: number): void {
    if (!this.#open) return;
    this.#response.end(retryMs === undefined ? undefined : encodeRetry(retryMs));
    this.#closed();
  }

  keepAlive(): void {
    if (this.#open && this.#response.writableLength === 0) this.#response.write(keepAliveComment);
  }

  #closed(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#stopKeepAlive();
    this.#onClose();
  }
}
