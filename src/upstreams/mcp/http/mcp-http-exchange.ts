import type { Dispatcher } from "undici";
import { AppError } from "../../../core/errors.ts";
import { EgressRefusal } from "../../egress-guard.ts";
import type { Waiting } from "../../http/admission.ts";
import type { Expiring } from "../../http/deadlines.ts";
import { contentCoding, Decompressor, type DecompressorSink } from "../../http/decompressor.ts";
import { describeFailure } from "../../http/failure.ts";
import { header, type ResponseHeaders } from "../../http/response-headers.ts";
import type { Connection } from "../../socket/connection.ts";
import type { TokenRefusal } from "../../oauth/token-source.ts";
import { type AnswerBody, bodyForm, openBody } from "./answer-body.ts";
import type { ExchangeRequest } from "./exchange-request.ts";
import type { ExchangeReader, HttpTurn } from "./mcp-http-client.ts";
import { tokenRefusal } from "./token-refusal.ts";
import type { UrlLine } from "./url-line.ts";

/** The token source ends the repetition itself; this ends it when the source is wrong. */
const mostRenewals = 3;
const lingerMs = 1_000;

/** `waiting` for its turn, `running` while a request is under way, `renewing` between two of them. */
type Phase = "waiting" | "running" | "renewing" | "done";

/** An answer that a fresh token may mend: held back until that is known. */
interface HeldAnswer {
  readonly refusal: TokenRefusal;
  readonly headers: ResponseHeaders;
}

/**
 * One request to an MCP server and its answer. It is its own undici handler and allocates little: this is
 * the hot path of every proxied call. Its connection goes back to the pool when undici has done with the
 * request, however early the reader lost interest.
 */
export class McpHttpExchange implements Dispatcher.DispatchHandler, Waiting, Expiring, DecompressorSink, HttpTurn {
  /** Of the lingering. */
  slot = -1;
  deadlineAt = Number.POSITIVE_INFINITY;
  readonly #line: UrlLine;
  readonly #request: ExchangeRequest;
  readonly #reader: ExchangeReader;
  #phase: Phase = "waiting";
  #hasStarted = false;
  #isMute = false;
  #isCounted = false;
  #renewals = 0;

  // Of the request under way.
  #token: string | undefined;
  #connection: Connection | undefined;
  #wasSent = false;
  /** From the first byte of the request to the last one of the answer. */
  #isOnWire = false;
  #controller: Dispatcher.DispatchController | undefined;
  #body: AnswerBody | undefined;
  #decompressor: Decompressor | undefined;
  #held: HeldAnswer | undefined;
  /** The answer was cut off because nothing more of it is needed. */
  #hasEnough = false;

  constructor(line: UrlLine, request: ExchangeRequest, reader: ExchangeReader) {
    this.#line = line;
    this.#request = request;
    this.#reader = reader;
  }

  start(): this {
    this.#enter();
    this.#hasStarted = true;
    return this;
  }

  #enter(): void {
    if (this.#request.lane === "side") {
      this.#send();
      return;
    }
    this.#phase = "waiting";
    if (this.#line.admission.enter(this)) return;
    const { label } = this.#line.words;
    this.#fail(new AppError("overloaded", `${label} is busy: too many calls wait for a connection. Try again later.`));
  }

  admitted(): void {
    this.#isCounted = true;
    this.#send();
  }

  #send(): void {
    this.#phase = "running";
    this.#wasSent = false;
    this.#hasEnough = false;
    const { method, path, headers, body, tokens } = this.#request;
    this.#token = tokens?.current();
    // undici only reads the list of headers, which exchanges share.
    const all = this.#token === undefined ? headers : [...headers, "authorization", `Bearer ${this.#token}`];
    try {
      this.#connection = this.#line.pool.take();
    } catch (error) {
      this.#broken(error);
      return;
    }
    this.#connection.dispatch({ method, path, headers: all as string[], body: body ?? null }, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Throwing drops the request before it is written and keeps the socket.
    if (this.#phase !== "running") throw new Error("The exchange ended before its request was sent.");
    this.#controller = controller;
    this.#wasSent = true;
    this.#isOnWire = true;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    if (this.#phase !== "running" || status < 200) return;
    if (status >= 500) this.#line.health.failed();
    else this.#line.health.succeeded();
    const { url, words, maxMessageBytes } = this.#line;
    const refusal =
      this.#request.tokens === undefined || this.#renewals >= mostRenewals
        ? undefined
        : tokenRefusal(url, status, header(headers, "www-authenticate"), this.#token);
    this.#held = refusal && { refusal, headers };
    const form = bodyForm(header(headers, "content-type"), this.#held === undefined);
    try {
      const coding = contentCoding(header(headers, "content-encoding"));
      this.#decompressor = coding === undefined ? undefined : new Decompressor(coding, this);
    } catch (error) {
      this.#fail(describeFailure(error, words).error);
      return;
    }
    this.#body = openBody(form, this.#reader, maxMessageBytes);
    if (this.#held !== undefined) return;
    if (form === "events") this.#uncount();
    if (!this.#isMute) this.#reader.onResponse(status, (name) => header(headers, name));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#phase !== "running") return;
    if (this.#decompressor === undefined) this.onDecoded(chunk);
    else if (!this.#decompressor.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    this.#leaveWire();
    if (this.#phase !== "running") return;
    if (this.#decompressor === undefined) this.onDecodedEnd();
    else this.#decompressor.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#leaveBrokenWire();
    if (this.#phase !== "running") return;
    if (this.#hasEnough) this.onDecodedEnd();
    else this.#broken(error);
  }

  onDecoded(piece: Buffer): void {
    // What comes after a release is read to keep the socket, and dropped.
    if (this.#phase !== "running" || this.#isMute || this.#body === undefined) return;
    const taken = this.#body.take(piece);
    if (taken === "taken" || this.#isOver()) return;
    if (taken === "enough") {
      this.#cutShort();
      return;
    }
    const { words, maxMessageBytes } = this.#line;
    const limit = `${maxMessageBytes} bytes, the limit of \`${words.key}.maxMessageBytes\``;
    this.#fail(new AppError("upstream_failed", `${words.label} sent a message larger than ${limit}.`));
  }

  onWritable(): void {
    if (this.#isOnWire) this.#controller?.resume();
  }

  onDecodedEnd(): void {
    if (this.#phase !== "running") return;
    if (this.#held !== undefined && !this.#isMute) {
      // A packed body may end before its answer does: one request after the other.
      if (this.#isOnWire) this.#cutShort();
      else this.#renew(this.#held);
      return;
    }
    this.#leave();
    this.#cut();
    if (!this.#isMute) this.#body?.end();
  }

  onDecodeError(error: AppError): void {
    if (this.#phase === "running") this.#fail(error);
  }

  /** The server did not end its answer after the reader had what it wanted. */
  expire(): void {
    this.abort();
  }

  abort(): void {
    this.#mute();
    if (this.#phase === "done") return;
    if (this.#phase === "waiting") this.#line.admission.leave(this);
    this.#leave();
    this.#cut();
  }

  release(): void {
    this.#mute();
    if (this.#phase === "done" || this.slot !== -1) return;
    if (!this.#isOnWire) {
      this.abort();
      return;
    }
    this.deadlineAt = this.#line.now() + lingerMs;
    this.#line.lingering.add(this);
  }

  #mute(): void {
    this.#isMute = true;
    this.#body?.mute();
  }

  /** Asked after the reader was called, which may have aborted. */
  #isOver(): boolean {
    return this.#phase === "done";
  }

  #renew(held: HeldAnswer): void {
    this.#phase = "renewing";
    const renewing = this.#request.tokens?.renew(held.refusal) ?? Promise.resolve(false);
    renewing.then(
      (isWorthwhile) => {
        if (this.#phase !== "renewing") return;
        if (!isWorthwhile) {
          this.#deliver(held);
          return;
        }
        this.#renewals++;
        this.#enter();
      },
      (error: unknown) => {
        if (this.#phase === "renewing") this.#fail(describeFailure(error, this.#line.words).error);
      },
    );
  }

  /** No token mends it: the refusal is the answer. */
  #deliver({ refusal, headers }: HeldAnswer): void {
    this.#leave();
    this.#reader.onResponse(refusal.status, (name) => header(headers, name));
    this.#body?.end();
  }

  /** The request failed below HTTP. */
  #broken(cause: unknown): void {
    const { error, countsAsDown } = describeFailure(cause, this.#line.words);
    // An address that the guard refuses cannot be used either; another URL may do.
    if (countsAsDown || error instanceof EgressRefusal) this.#line.health.failed();
    this.#fail(error);
  }

  /** The end without a whole answer. */
  #fail(error: AppError): void {
    const wasSent = this.#wasSent;
    this.#leave();
    this.#cut();
    if (this.#hasStarted) this.#tell(error, wasSent);
    else process.nextTick(() => this.#tell(error, wasSent));
  }

  #tell(error: AppError, wasSent: boolean): void {
    if (!this.#isMute) this.#reader.onFailure(error, wasSent);
  }

  #leave(): void {
    this.#phase = "done";
    this.#decompressor?.destroy();
    this.#line.lingering.delete(this);
    // Without a connection nothing will come that gives the place back.
    if (this.#connection === undefined) this.#uncount();
  }

  #cut(): void {
    if (this.#isOnWire) this.#connection?.cut();
  }

  /** Nothing more of the answer is needed: it ends here. */
  #cutShort(): void {
    this.#hasEnough = true;
    this.#cut();
  }

  #leaveWire(): void {
    this.#isOnWire = false;
    const connection = this.#connection;
    this.#connection = undefined;
    // First the connection, so that whoever is next gets it.
    if (connection !== undefined) this.#line.pool.give(connection);
    this.#uncount();
  }

  /** undici asserts that nothing is put on a connection while it tells of a failure of it. */
  #leaveBrokenWire(): void {
    this.#isOnWire = false;
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection !== undefined) queueMicrotask(() => this.#line.pool.give(connection));
    this.#uncount();
  }

  /** Counts no more among the `connections` calls; whoever waits longest is next. */
  #uncount(): void {
    if (!this.#isCounted) return;
    this.#isCounted = false;
    this.#line.admission.release();
  }
}
