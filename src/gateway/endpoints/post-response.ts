import type { ServerResponse } from "node:http";
import type { CallStream } from "../../core/call.ts";
import { encodeEvent } from "../../protocol/event-stream.ts";
import { EventWriter } from "../sessions/event-writer.ts";
import type { KeepAlive } from "../sessions/keep-alive.ts";
import type { ReplySink } from "../reply-sink.ts";
import type { ResumableStream, ResumableStreams } from "../sessions/resumable-streams.ts";
import { writeEmpty, writeJson } from "./http-json.ts";
import { pumpStream } from "./stream-pump.ts";

export interface PostResponseOptions {
  readonly response: ServerResponse;
  /** Extra response headers: CORS. */
  readonly headers: readonly string[];
  readonly acceptsEvents: boolean;
  readonly keepAlive: KeepAlive;
  readonly keepAliveMs: number;
  readonly retryMs: number;
  /** Close the connection of a call after this time; the client resumes by GET. */
  readonly maxOpenMs: number | undefined;
  /** Where events are kept for resumption; undefined in the modern era and without a session. */
  readonly streams: ResumableStreams | undefined;
  /** Clients before 2025-11-25 choke on an event without data. */
  readonly primes: boolean;
  /** How many requests of a batch are answered here; undefined when the body was one message. */
  readonly batchSize: number | undefined;
}

/**
 * The answer to one POST: plain JSON while nothing comes before the result, an event stream from the
 * first notification on. Batches are answered as one array, or event by event.
 */
export class PostResponse implements ReplySink {
  readonly #options: PostResponseOptions;
  #stream: ResumableStream | undefined;
  #writer: EventWriter | undefined;
  #batch: string[] | undefined;
  #remaining: number;
  #openTimer: NodeJS.Timeout | undefined;

  constructor(options: PostResponseOptions) {
    this.#options = options;
    this.#remaining = options.batchSize ?? 1;
    if (options.batchSize !== undefined) this.#batch = [];
    if (options.maxOpenMs !== undefined && options.primes && options.acceptsEvents && options.streams !== undefined) {
      this.#openTimer = setTimeout(() => this.#letGo(), options.maxOpenMs);
    }
  }

  /** A client that has hung up before it had an event to resume from is out of reach. */
  get acceptsMessages(): boolean {
    const { acceptsEvents, response } = this.#options;
    return acceptsEvents && (this.#isEvents || !response.destroyed);
  }

  get acceptsStream(): boolean {
    return !this.#isEvents && this.#batch === undefined;
  }

  get #isEvents(): boolean {
    return this.#writer !== undefined || this.#stream !== undefined;
  }

  send(message: string): void {
    if (!this.#isEvents) this.#openEvents();
    this.#send(message);
  }

  reply(httpStatus: number, head: string, tail: string | Buffer): void {
    const { response, headers } = this.#options;
    this.#remaining--;
    if (this.#isEvents) {
      this.#send(head + tail.toString());
    } else if (this.#batch !== undefined) {
      this.#batch.push(head + tail.toString());
      if (this.#remaining === 0) writeJson(response, 200, `[${this.#batch.join(",")}]`, "", headers);
    } else writeJson(response, httpStatus, head, tail, headers);
    if (this.#remaining === 0) this.#end();
  }

  stream(head: string, stream: CallStream, close: string, onEnd: () => void): void {
    const { response, headers } = this.#options;
    this.#stopTimer();
    response.writeHead(200, ["Content-Type", "application/json", ...headers]);
    response.write(head);
    pumpStream(response, stream, close, onEnd);
  }

  abandon(): void {
    this.#remaining--;
    if (this.#remaining > 0) return;
    if (!this.#isEvents) {
      const batch = this.#batch ?? [];
      if (batch.length > 0) writeJson(this.#options.response, 200, `[${batch.join(",")}]`, "", this.#options.headers);
      else writeEmpty(this.#options.response, 202, this.#options.headers);
    }
    this.#end();
  }

  /** Answers so far go out as events too, so that a batch is never split over two framings. */
  #openEvents(): void {
    const { response, headers, keepAlive, keepAliveMs, streams, retryMs, primes } = this.#options;
    if (response.headersSent || response.destroyed) {
      // The client is gone; with a session it can still resume what is kept.
      this.#stream = streams?.open();
      return;
    }
    const stream = streams?.open();
    const writer = new EventWriter({
      response,
      headers,
      keepAlive,
      keepAliveMs,
      onClose: () => stream?.detach(writer),
    });
    this.#writer = writer;
    this.#stream = stream;
    stream?.attach(writer);
    if (primes) stream?.prime(retryMs);
    for (const message of this.#batch ?? []) this.#send(message);
    this.#batch = undefined;
  }

  #send(message: string): void {
    if (this.#stream !== undefined) this.#stream.send(message);
    else this.#writer?.write(encodeEvent(message));
  }

  /** The call takes long: give the connection back, the client comes for the rest (SEP-1699). */
  #letGo(): void {
    this.#openTimer = undefined;
    if (!this.#isEvents) this.#openEvents();
    this.#stream?.disconnect(this.#options.retryMs);
  }

  #end(): void {
    this.#stopTimer();
    if (this.#stream !== undefined) this.#stream.end();
    else this.#writer?.end();
  }

  #stopTimer(): void {
    if (this.#openTimer === undefined) return;
    clearTimeout(this.#openTimer);
    this.#openTimer = undefined;
  }
}
