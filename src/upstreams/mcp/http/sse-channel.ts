import { AppError } from "../../../core/errors.ts";
import type { ChannelReader, MessageChannel, OpenChannel } from "../message-channel.ts";
import type { ExchangeReader, HttpTurn, McpHttpTarget } from "./mcp-http-client.ts";
import { type PostsListener, SsePosts } from "./sse-posts.ts";
import { judgeSseAnswer, type SseWords } from "./sse-unavailable.ts";

/** Requests are refused long before, by whoever reads `pendingBytes`; this bounds answers and notifications. */
const maxPendingBytes = 16_777_216;

/**
 * How HTTP+SSE is opened (specification 2024-11-05, transports): a GET whose event stream carries the
 * server's messages and first names the endpoint that takes ours, which must be of the same origin. The
 * channel is the session: it ends with the stream, and with a POST that is not taken. Opening fails with
 * `SseUnavailable` when the URL answers with anything else than an event stream.
 *
 * @param target called for each opening; a session stays where it was made
 */
export function sseOpener(target: () => McpHttpTarget, words: SseWords): OpenChannel {
  return (reader, signal) =>
    new Promise((resolve, reject) => {
      const opening = new SseChannel({ target: target(), words, reader, resolve, reject });
      opening.open(signal);
    });
}

interface SseChannelOptions {
  readonly target: McpHttpTarget;
  readonly words: SseWords;
  readonly reader: ChannelReader;
  readonly resolve: (channel: MessageChannel) => void;
  readonly reject: (error: AppError) => void;
}

class SseChannel implements MessageChannel, ExchangeReader, PostsListener {
  readonly #options: SseChannelOptions;
  #stream: HttpTurn | undefined;
  /** Once the endpoint is known. */
  #posts: SsePosts | undefined;
  #isOver = false;
  #forgetSignal: () => void = () => undefined;

  constructor(options: SseChannelOptions) {
    this.#options = options;
  }

  open(signal: AbortSignal): void {
    if (signal.aborted) {
      this.#fail("is not connected: nobody waits for it.");
      return;
    }
    const giveUp = (): void => this.#fail("did not open its event stream and name its endpoint in time.");
    signal.addEventListener("abort", giveUp, { once: true });
    this.#forgetSignal = () => signal.removeEventListener("abort", giveUp);
    this.#stream = this.#options.target.get([], this);
  }

  get pendingBytes(): number {
    return this.#posts?.pendingBytes ?? 0;
  }

  send(message: string): void {
    if (this.#isOver || this.#posts === undefined) return;
    if (this.#posts.pendingBytes <= maxPendingBytes) this.#posts.send(message);
    // Later, for a sender does not expect to be told of the end by its own call.
    else queueMicrotask(() => this.#fail("was disconnected: it takes no messages any more."));
  }

  close(): Promise<void> {
    this.#fail("was closed.");
    return Promise.resolve();
  }

  abandon(): Promise<void> {
    return this.close();
  }

  onResponse(status: number, header: (name: string) => string | undefined): void {
    const unavailable = judgeSseAnswer(this.#options.words, status, header("content-type"));
    if (unavailable !== undefined) this.#end(unavailable);
  }

  onEvent(type: string, data: string): void {
    if (type !== "endpoint" || this.#posts !== undefined || this.#isOver) return;
    const { target, resolve } = this.#options;
    if (!URL.canParse(data, target.url.href)) {
      this.#fail("names an endpoint that is no URL.");
      return;
    }
    try {
      this.#posts = new SsePosts(target.at(new URL(data, target.url)), this);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#end(error);
      return;
    }
    this.#forgetSignal();
    resolve(this);
  }

  onMessage(text: string): void {
    // Before the endpoint is named nobody can have asked for anything.
    if (this.#posts !== undefined && !this.#isOver) this.#options.reader.onMessage(text);
  }

  onEventId(): void {
    // This transport cannot resume a stream.
  }

  onRetry(): void {
    // A new stream is a new session, which is for the owner to begin.
  }

  onEnd(): void {
    this.#fail(
      this.#posts === undefined
        ? "ended its event stream before it named its endpoint."
        : "ended its event stream, and with it the session.",
    );
  }

  onFailure(error: AppError): void {
    this.#end(error);
  }

  onRefused(status: number): void {
    this.#fail(
      status === 404
        ? "does not know the session any more (HTTP 404)."
        : `refused a message (HTTP ${status}), so the session is of no use any more.`,
    );
  }

  #fail(sentence: string): void {
    this.#end(new AppError("upstream_failed", `${this.#options.words.label} ${sentence}`));
  }

  #end(error: AppError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#forgetSignal();
    this.#stream?.abort();
    if (this.#posts === undefined) {
      this.#options.reject(error);
      return;
    }
    this.#posts.close();
    this.#options.reader.onClosed(error);
  }
}
