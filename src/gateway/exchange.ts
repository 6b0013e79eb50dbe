import type { IncomingHttpHeaders } from "node:http";
import { type CallStream, type LogEntry, logLevels, type ProgressUpdate, type RequestView } from "../core/call.ts";
import { AppError, errorCatalogue } from "../core/errors.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import type { Principal } from "../core/principal.ts";
import type { Slotted } from "../core/slot-list.ts";
import { isKnownMethod } from "../protocol/methods.ts";
import { describeError, encodeError, encodeNotification, type RpcRequest, responseHead } from "../protocol/json-rpc.ts";
import type { ModernEnvelope } from "../protocol/modern-request.ts";
import { type Rank, rank } from "../protocol/revisions.ts";
import type { OutgoingCall } from "./outgoing-call.ts";
import type { ReplySink } from "./reply-sink.ts";
import { nextRequestId } from "./request-id.ts";
import { sealResult } from "./seal-result.ts";
import type { CompiledRoute, CompiledServer } from "./compile/compiled-server.ts";
import type { CompiledTool } from "./compile/compiled-parts.ts";
import type { Snapshot } from "./snapshot.ts";

/** What a method answers: JSON text of the result, bytes that end the response, or a stream of text. */
export type Reply = string | Buffer | CallStream;

export type Outcome = "ok" | "failed" | "refused" | "cancelled";

export interface ExchangeOptions {
  readonly message: RpcRequest;
  readonly snapshot: Snapshot;
  readonly server: CompiledServer;
  readonly route: CompiledRoute;
  readonly rank: Rank;
  readonly principal: Principal;
  readonly headers: IncomingHttpHeaders;
  readonly sink: ReplySink;
  readonly envelope: ModernEnvelope | undefined;
  /** Index into `logLevels` from which log messages are sent; Infinity for none. */
  readonly logThreshold: number;
  /** Runs once at the end, whatever the end was. */
  readonly onFinished: (exchange: Exchange, outcome: Outcome) => void;
}

const noArguments: JsonObject = Object.freeze({});
const noHeaders: RequestView = Object.freeze({ headers: Object.freeze({}) });

/**
 * One request being answered, in whatever framing: it carries the call down to the upstream and the
 * outcome back up. Settled exactly once; holds its snapshot until then.
 */
export class Exchange implements OutgoingCall, Slotted {
  readonly message: RpcRequest;
  readonly snapshot: Snapshot;
  readonly server: CompiledServer;
  readonly route: CompiledRoute;
  readonly rank: Rank;
  readonly principal: Principal;
  readonly headers: IncomingHttpHeaders;
  readonly envelope: ModernEnvelope | undefined;
  readonly startedAt: number;
  /** Of the session's requests under way. */
  slot = -1;
  /** Set by the methods before a call goes out. */
  args: JsonObject = noArguments;
  deadlineAt = 0;
  tool: CompiledTool | undefined;
  /** The tool's answer was an error result. */
  toolFailed = false;
  /** What went wrong inside the gateway; for the log. */
  failure: unknown;
  abort: (() => void) | undefined;
  readonly #sink: ReplySink;
  readonly #logThreshold: number;
  readonly #onFinished: ExchangeOptions["onFinished"];
  #progressToken: JsonValue | undefined;
  #lastProgress = Number.NEGATIVE_INFINITY;
  #requestId: string | undefined;
  #settled = false;
  #cancelled = false;

  constructor(options: ExchangeOptions) {
    this.message = options.message;
    this.snapshot = options.snapshot.acquire();
    this.server = options.server;
    this.route = options.route;
    this.rank = options.rank;
    this.principal = options.principal;
    this.headers = options.headers;
    this.envelope = options.envelope;
    this.#sink = options.sink;
    this.#logThreshold = options.logThreshold;
    this.#onFinished = options.onFinished;
    this.startedAt = performance.now();
    const meta = options.message.params["_meta"] as JsonObject | undefined; // only its own key is read
    this.#progressToken = meta?.["progressToken"];
  }

  /** For the log; made only when somebody asks. */
  get requestId(): string {
    this.#requestId ??= nextRequestId();
    return this.#requestId;
  }

  /** The method, or `unknown`: a client's text never reaches the log. */
  get methodName(): string {
    return isKnownMethod(this.message.method) ? this.message.method : "unknown";
  }

  /** The principal's name as JSON text. */
  get principalJson(): string {
    return this.principal.kind === "anonymous" ? "null" : JSON.stringify(this.principal.name);
  }

  get acceptsStream(): boolean {
    return this.#sink.acceptsStream;
  }

  /** The headers of the client that the route and its upstreams list; nothing else is visible. */
  get request(): RequestView {
    const names = this.route.visibleHeaders;
    if (names.length === 0) return noHeaders;
    const headers: Record<string, string> = {};
    for (const name of names) {
      const value = this.headers[name];
      if (typeof value === "string") headers[name] = value;
    }
    return { headers };
  }

  progress(update: ProgressUpdate): void {
    const token = this.#progressToken;
    if (this.#settled || (typeof token !== "string" && typeof token !== "number")) return;
    if (!(update.progress > this.#lastProgress) || !this.#sink.acceptsNotifications) return;
    this.#lastProgress = update.progress;
    this.#sink.notify(encodeNotification("notifications/progress", { progressToken: token, ...update }));
  }

  log(entry: LogEntry): void {
    if (this.#settled || logLevels.indexOf(entry.level) < this.#logThreshold) return;
    if (this.#sink.acceptsNotifications) this.#sink.notify(encodeNotification("notifications/message", entry));
  }

  /** Answers with what a method returned. */
  succeed(reply: Reply): void {
    if (this.#settled) return;
    const head = responseHead(this.message.id);
    if (typeof reply === "string") this.#sink.reply(200, head, `${reply}}`);
    else if (Buffer.isBuffer(reply)) this.#sink.reply(200, head, reply);
    else return this.#stream(head, reply);
    this.#finish(this.toolFailed ? "failed" : "ok");
  }

  #stream(head: string, stream: CallStream): void {
    this.#settled = true;
    this.#sink.stream(`${head}{${stream.head}`, stream, `${sealResult(this, "")}}`, () => this.#finish("ok", true));
  }

  /** Answers with the error that a method threw. */
  fail(error: unknown): void {
    if (this.#settled) return;
    if (this.#cancelled) {
      this.#sink.abandon();
      this.#finish("cancelled");
      return;
    }
    const { code, message, data } = describeError(error);
    const modern = this.rank === rank["2026-07-28"];
    // 2026-07-28 has no code of its own for a missing resource.
    const rpcCode = code === "resource_not_found" && modern ? -32602 : errorCatalogue[code].rpcCode;
    // A session's client reads the body only when the status is 200.
    const httpStatus = modern ? errorCatalogue[code].httpStatus : 200;
    this.#sink.reply(httpStatus, encodeError(this.message.id, rpcCode, message, data), "");
    const ours = !(error instanceof AppError) || code === "internal";
    if (ours) this.failure = error;
    this.#finish(ours ? "failed" : "refused");
  }

  /** The client has cancelled or, in the modern era, gone away. Stops the upstream call. */
  cancel(): void {
    if (this.#settled || this.#cancelled) return;
    this.#cancelled = true;
    const abort = this.abort;
    if (abort === undefined) return;
    this.abort = undefined;
    abort();
  }

  #finish(outcome: Outcome, settled = false): void {
    if (this.#settled && !settled) return;
    this.#settled = true;
    this.abort = undefined;
    this.#onFinished(this, outcome);
    this.snapshot.release();
  }
}
