import type { IncomingHttpHeaders } from "node:http";
import {
  type CallStream,
  type LogEntry,
  type LogLevel,
  logLevels,
  type ProgressUpdate,
  type RequestView,
} from "../core/call.ts";
import { AppError, errorCatalogue } from "../core/errors.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import type { ClientDescription, InputRequest, InputResponse, McpCallContext } from "../core/mcp-call.ts";
import type { Principal } from "../core/principal.ts";
import type { Slotted } from "../core/slot-list.ts";
import { isForwarded } from "../protocol/methods.ts";
import { describeError, encodeError, encodeNotification, type RpcRequest, responseHead } from "../protocol/json-rpc.ts";
import type { ModernEnvelope } from "../protocol/modern-request.ts";
import { type Rank, rank } from "../protocol/revisions.ts";
import type { RequestStates } from "./input/request-state.ts";
import type { ToolMetrics } from "./metrics.ts";
import type { OutgoingCall } from "./outgoing-call.ts";
import type { ErrorReply, Reply, StandIn } from "./reply.ts";
import type { ReplySink } from "./reply-sink.ts";
import { nextRequestId } from "./request-id.ts";
import { sealResult } from "./seal-result.ts";
import type { CompiledRoute, CompiledServer } from "./compile/compiled-server.ts";
import type { Snapshot } from "./snapshot.ts";

export type Outcome = "ok" | "failed" | "refused" | "cancelled";

/** How the client of an exchange is asked. Its framing decides; shared by many exchanges. */
export interface Inquirer {
  /** Why the client cannot be asked this, as a sentence; undefined when it can. */
  reasonAgainst(exchange: Exchange, request: InputRequest): string | undefined;
  /** Puts a question to the client; see `McpCallContext.requestInput`. */
  ask(exchange: Exchange, request: InputRequest): Promise<InputResponse>;
  /** The exchange is over: its open questions are taken back, and their promises reject with `cancelled`. */
  withdraw(exchange: Exchange): void;
  /** How questions and answers travel between requests; undefined in the legacy era. */
  readonly rounds: Rounds | undefined;
}

/** What lies between two requests of 2026-07-28 that belong together (multi round-trip requests). */
export interface Rounds {
  readonly states: RequestStates;
  /** Makes this exchange the client's end of a parked call. @throws AppError `invalid_params` when it is gone. */
  resume(exchange: Exchange, id: string, responses: JsonObject): Promise<Reply>;
}

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
  readonly client: ClientDescription;
  readonly sessionId: string | undefined;
  readonly inquirer: Inquirer;
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
export class Exchange implements OutgoingCall, McpCallContext, StandIn, Slotted {
  readonly message: RpcRequest;
  readonly snapshot: Snapshot;
  readonly server: CompiledServer;
  readonly route: CompiledRoute;
  readonly rank: Rank;
  readonly principal: Principal;
  readonly headers: IncomingHttpHeaders;
  readonly envelope: ModernEnvelope | undefined;
  readonly client: ClientDescription;
  readonly sessionId: string | undefined;
  readonly inquirer: Inquirer;
  readonly startedAt: number;
  /** Of the session's requests under way. */
  slot = -1;
  /** Set by the methods before a call goes out. */
  args: JsonObject = noArguments;
  /** How long a question of this exchange waits for the client. */
  inputTimeoutMs = 0;
  tool: { readonly name: string; readonly metrics: ToolMetrics } | undefined;
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
  #deadlineAt = 0;
  /** Questions that wait for the client; meanwhile the deadline moves on. */
  #questions = 0;
  #askedAt = 0;
  #standIn: StandIn | undefined;
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
    this.client = options.client;
    this.sessionId = options.sessionId;
    this.inquirer = options.inquirer;
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

  /** Before anything is sent for it. @throws AppError `cancelled` when nobody waits for the answer any more. */
  throwIfCancelled(): void {
    if (this.#cancelled) throw new AppError("cancelled", "The client has cancelled the request.");
  }

  get acceptsStream(): boolean {
    return this.#sink.acceptsStream;
  }

  /** Whether messages can reach the client before the answer. */
  get acceptsMessages(): boolean {
    return !this.#settled && this.#sink.acceptsMessages;
  }

  get logLevel(): LogLevel | undefined {
    return logLevels[this.#logThreshold];
  }

  get wantsProgress(): boolean {
    return isProgressToken(this.#progressToken) && this.#sink.acceptsMessages;
  }

  get deadlineAt(): number {
    return this.#questions === 0 ? this.#deadlineAt : this.#deadlineAt + performance.now() - this.#askedAt;
  }

  set deadlineAt(at: number) {
    this.#deadlineAt = at;
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
    if (this.#settled) {
      this.#standIn?.progress(update);
      return;
    }
    const token = this.#progressToken;
    if (!isProgressToken(token) || !this.#sink.acceptsMessages) return;
    if (!(update.progress > this.#lastProgress)) return;
    this.#lastProgress = update.progress;
    this.#sink.send(encodeNotification("notifications/progress", { ...update, progressToken: token }));
  }

  log(entry: LogEntry): void {
    if (this.#settled) this.#standIn?.log(entry);
    else if (logLevels.indexOf(entry.level) >= this.#logThreshold && this.#sink.acceptsMessages) {
      this.#sink.send(encodeNotification("notifications/message", entry));
    }
  }

  notify(method: string, params: JsonObject): void {
    if (this.#settled) this.#standIn?.notify(method, params);
    else if (this.#sink.acceptsMessages && isForwarded(method, this.rank)) {
      this.#sink.send(encodeNotification(method, params));
    }
  }

  /** Sends a whole message before the answer; nothing once there is one. */
  send(message: string): void {
    if (!this.#settled) this.#sink.send(message);
  }

  requestInput(request: InputRequest): Promise<InputResponse> {
    if (this.#cancelled || (this.#settled && this.#standIn === undefined)) {
      return Promise.reject(new AppError("cancelled", "The request is over; nobody can be asked."));
    }
    if (this.#questions++ === 0) this.#askedAt = performance.now();
    return this.inquirer.ask(this, request).finally(() => this.#answered());
  }

  #answered(): void {
    if (--this.#questions === 0) this.#deadlineAt += performance.now() - this.#askedAt;
  }

  /** Answers with what a method returned. */
  succeed(reply: Reply): void {
    if (this.#settled) {
      this.#handOver((standIn) => standIn.succeed(reply));
      return;
    }
    if (this.#questions > 0) this.inquirer.withdraw(this);
    const head = responseHead(this.message.id);
    if (typeof reply === "string") this.#sink.reply(200, head, `${reply}}`);
    else if (Buffer.isBuffer(reply)) this.#sink.reply(200, head, reply);
    else if (reply.kind === "stream") return this.#stream(head, reply);
    else return this.#failWith(reply);
    this.#finish(this.toolFailed ? "failed" : "ok");
  }

  #failWith({ code, message, data }: ErrorReply): void {
    const httpStatus = code === errorCatalogue.missing_capability.rpcCode ? 400 : 200;
    this.#sink.reply(httpStatus, encodeError(this.message.id, code, message, data), "");
    this.#finish("failed");
  }

  #stream(head: string, stream: CallStream): void {
    this.#settled = true;
    this.#sink.stream(`${head}{${stream.head}`, stream, `${sealResult(this, "")}}`, () => this.#finish("ok", true));
  }

  /** Answers with the error that a method threw. */
  fail(error: unknown): void {
    if (this.#settled) {
      this.#handOver((standIn) => standIn.fail(error));
      return;
    }
    if (this.#questions > 0) this.inquirer.withdraw(this);
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
    if (this.#questions > 0) this.inquirer.withdraw(this);
    this.abortCall();
  }

  /** Stops the upstream call, if one is under way. */
  abortCall(): void {
    const abort = this.abort;
    if (abort === undefined) return;
    this.abort = undefined;
    abort();
  }

  /** Ends the request with this error, and its call at the upstream. */
  stop(error: unknown): void {
    const { abort } = this;
    this.fail(error);
    abort?.();
  }

  /**
   * Spends the response on questions (the JSON text of an `input_required` result) while the upstream call
   * goes on. What comes of the call goes to `standIn`; the snapshot is held until then.
   */
  park(reply: string, standIn: StandIn): void {
    if (this.#settled) return;
    this.#sink.reply(200, responseHead(this.message.id), `${reply}}`);
    this.#settled = true;
    this.#standIn = standIn;
    this.#onFinished(this, "ok");
  }

  /** This exchange is the client's end of another one's call from now on. */
  takeOver(parked: Exchange): void {
    this.tool = parked.tool;
    // Progress grows over all rounds that share a token (specification, progress).
    if (this.#progressToken === parked.#progressToken) this.#lastProgress = parked.#lastProgress;
  }

  /** The end of a call whose own response was spent on questions. */
  #handOver(end: (standIn: StandIn) => void): void {
    const standIn = this.#standIn;
    if (standIn === undefined) return;
    this.#standIn = undefined;
    this.abort = undefined;
    end(standIn);
    this.snapshot.release();
  }

  #finish(outcome: Outcome, settled = false): void {
    if (this.#settled && !settled) return;
    this.#settled = true;
    this.abort = undefined;
    this.#onFinished(this, outcome);
    this.snapshot.release();
  }
}

function isProgressToken(token: JsonValue | undefined): token is string | number | bigint {
  return typeof token === "string" || typeof token === "number" || typeof token === "bigint";
}
