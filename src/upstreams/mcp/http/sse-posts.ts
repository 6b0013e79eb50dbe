import type { AppError } from "../../../core/errors.ts";
import type { ExchangeReader, HttpTurn, McpHttpTarget } from "./mcp-http-client.ts";

/** Who hears that a message could not be delivered; called at most once. */
export interface PostsListener {
  /** The server answered with a status that says no. */
  onRefused(status: number): void;
  onFailure(error: AppError): void;
}

/** `initialize` and `notifications/initialized`. */
const messagesInOrder = 2;
const mostAtOnce = 32;

/**
 * The way to the server of HTTP+SSE: each message is a POST, whose answer says only that it arrived. The
 * first two go one after the other, since a server refuses what overtakes the handshake. Those that
 * follow travel side by side, up to 32, so that calls do not wait for each other's round trips; messages
 * of one tick may therefore arrive in another order, which JSON-RPC allows.
 */
export class SsePosts {
  readonly #target: McpHttpTarget;
  readonly #listener: PostsListener;
  readonly #waiting: string[] = [];
  readonly #underWay = new Set<HttpTurn>();
  #delivered = 0;
  #pendingBytes = 0;
  #isOver = false;

  constructor(target: McpHttpTarget, listener: PostsListener) {
    this.#target = target;
    this.#listener = listener;
  }

  /** Bytes of messages that the server has not taken yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  send(message: string): void {
    if (this.#isOver) return;
    this.#pendingBytes += Buffer.byteLength(message);
    this.#waiting.push(message);
    this.#next();
  }

  /** Drops what has not been delivered. May be called twice. */
  close(): void {
    this.#isOver = true;
    this.#waiting.length = 0;
    for (const turn of this.#underWay) turn.abort();
    this.#underWay.clear();
  }

  #next(): void {
    const most = this.#delivered < messagesInOrder ? 1 : mostAtOnce;
    while (!this.#isOver && this.#underWay.size < most) {
      const message = this.#waiting.shift();
      if (message === undefined) return;
      this.#post(message);
    }
  }

  #post(message: string): void {
    const ignore = (): void => undefined;
    const reader: ExchangeReader = {
      onResponse: (status) => {
        this.#underWay.delete(turn);
        this.#pendingBytes -= Buffer.byteLength(message);
        // The status says everything; what else there is in the answer is dropped.
        turn.release();
        if (this.#isOver) return;
        if (status >= 200 && status < 300) {
          this.#delivered++;
          this.#next();
        } else {
          this.close();
          this.#listener.onRefused(status);
        }
      },
      onFailure: (error) => {
        this.#underWay.delete(turn);
        if (this.#isOver) return;
        this.close();
        this.#listener.onFailure(error);
      },
      onMessage: ignore,
      onEventId: ignore,
      onRetry: ignore,
      onEvent: ignore,
      onEnd: ignore,
    };
    // Not behind the calls of other transports: these POSTs are answered at once.
    const turn = this.#target.post(message, [], reader, "side");
    this.#underWay.add(turn);
  }
}
