import { AppError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { McpCallContext } from "../../../core/mcp-call.ts";
import { encodeNotification } from "../../../protocol/json-rpc.ts";
import { type Rank, rank } from "../../../protocol/revisions.ts";
import type { ServerError, ServerRequest, ServerResult } from "../../../protocol/server-message.ts";
import type { ServerDescription } from "../connection.ts";
import type { ExchangeReader, HeaderList, HttpTurn, McpHttpTarget } from "../http/mcp-http-client.ts";
import type { Clock } from "../lifecycle/clock.ts";
import type { McpReply, McpRequest } from "../mcp-request.ts";
import { AsideExchange, type AsideOutcome } from "./aside-exchange.ts";
import { AsideQueue } from "./aside-queue.ts";
import { CallsUnderWay } from "./calls-under-way.ts";
import { asideTimeoutMs, type ConnectionSettings } from "./connection-settings.ts";
import { initializedNotification } from "./handshake.ts";
import type { HttpCall } from "./http-call.ts";
import { InitializeCall, LegacyHttpCall, type LegacyHttpLine } from "./legacy-http-call.ts";
import { type MessageTaker, takeMessage } from "./message-intake.ts";
import { asReply, deafEvents, handOnNotification, type LegacyPeer, type PeerEvents } from "./peer.ts";
import type { PendingCall, Settle } from "./pending-call.ts";
import { laneOf } from "./lane-of.ts";
import { ProtocolRefusal, refusedWithStatus } from "./protocol-refusal.ts";
import { writeLegacyRequest } from "./request-text.ts";
import { ServerStream } from "./server-stream.ts";

/** Visible ASCII, as the transport says; and no longer than a header may well be. */
const validSessionId = /^[\x21-\x7e]{1,1024}$/;

/** Longest time for telling the server that the session is over. */
const endTimeoutMs = 2_000;

/** A server of the legacy era over Streamable HTTP: a POST per message, and a stream that belongs to no call. */
export class LegacyHttpPeer implements LegacyPeer, LegacyHttpLine, MessageTaker {
  readonly label: string;
  readonly key: string;
  readonly clock: Clock;
  readonly keepsOrder = false;
  readonly calls: CallsUnderWay;
  events: PeerEvents = deafEvents;
  readonly #target: McpHttpTarget;
  readonly #settings: ConnectionSettings;
  readonly #aside = new AsideQueue((message, onDone) =>
    this.#post(message, (outcome) => {
      this.#note(outcome);
      onDone();
    }),
  );
  readonly #asidesUnderWay = new Set<AsideExchange>();
  #rank: Rank = rank["2025-11-25"];
  #sessionId: string | undefined;
  /** Of every exchange once the session is open. */
  #headers: HeaderList = [];
  #stream: ServerStream | undefined;
  #hasBegun = false;
  #ended: AppError | undefined;
  #closing: Promise<void> | undefined;

  constructor(target: McpHttpTarget, settings: ConnectionSettings) {
    this.#target = target;
    this.#settings = settings;
    this.label = settings.label;
    this.key = settings.key;
    this.clock = settings.clock;
    this.calls = new CallsUnderWay(settings);
  }

  get ended(): AppError | undefined {
    return this.#ended;
  }

  get hasSession(): boolean {
    return this.#sessionId !== undefined;
  }

  async begin(server: ServerDescription): Promise<void> {
    this.#rank = server.rank;
    const session = this.#sessionId === undefined ? [] : ["mcp-session-id", this.#sessionId];
    const hasVersionHeader = server.rank >= rank["2025-06-18"];
    this.#headers = hasVersionHeader ? [...session, "mcp-protocol-version", server.protocolVersion] : session;
    const outcome = await new Promise<AsideOutcome>((resolve) => this.#post(initializedNotification, resolve));
    if (outcome.kind === "failure") throw outcome.error;
    if (outcome.status >= 300) throw refusedWithStatus(outcome.status, this);
    if (this.#ended !== undefined) throw this.#ended;
    this.#hasBegun = true;
    this.#stream = new ServerStream({
      settings: this.#settings,
      open: (lastEventId, reader) => this.#target.get(this.#headersFrom(lastEventId), reader),
      onMessage: (text) => takeMessage(text, this),
      onSessionLost: () => this.#lost(),
      onGap: () => this.events.onGap(),
    });
  }

  listening(): Promise<void> {
    return this.#stream?.decided ?? Promise.resolve();
  }

  request(request: McpRequest, context: McpCallContext): Promise<McpReply> {
    return new Promise((resolve, reject) => {
      this.calls.checkRoom();
      this.#start(request, context, 0, { resolve, reject });
    });
  }

  requestOwn(request: McpRequest, deadlineAt: number): Promise<McpReply> {
    return new Promise((resolve, reject) => {
      if (request.method === "initialize") this.#initialize(request, deadlineAt, { resolve, reject });
      else this.#start(request, undefined, deadlineAt, { resolve, reject });
    });
  }

  send(message: string): void {
    if (this.#ended !== undefined || this.#aside.add(message)) return;
    this.#settings.log.debug("upstream message dropped", { upstream: this.key, reason: "too many wait" });
  }

  reply(response: ServerResult | ServerError): McpReply {
    return asReply(response, this.#rank);
  }

  notified(method: string, params: JsonObject, call: PendingCall): void {
    handOnNotification(this, method, params, call);
  }

  asked(request: ServerRequest, call: PendingCall): void {
    this.events.onRequest(request, call);
  }

  repeat(call: HttpCall): HttpTurn {
    return this.#target.post(call.body, call.headers, call, call.lane);
  }

  resume(lastEventId: string, call: LegacyHttpCall): HttpTurn {
    return this.#target.get(this.#headersFrom(lastEventId), call);
  }

  settled(call: PendingCall): void {
    this.calls.delete(call);
  }

  abandoned(call: PendingCall, reason: string): void {
    // `initialize` must not be cancelled.
    if (this.#hasBegun) this.send(encodeNotification("notifications/cancelled", { requestId: call.id, reason }));
  }

  /** From the stream that belongs to no call. A server may answer calls there, though it should not. */
  takeResponse(response: ServerResult | ServerError): void {
    this.calls.get(response.id)?.deliver(this.reply(response));
  }

  takeRequest(request: ServerRequest): void {
    this.events.onRequest(request, undefined);
  }

  takeNotification(method: string, params: JsonObject): void {
    handOnNotification(this, method, params, undefined);
  }

  takeInvalid(reason: string): void {
    this.#settings.log.debug("upstream message ignored", { upstream: this.key, reason });
  }

  close(reason?: AppError): Promise<void> {
    this.#closing ??= this.#close(reason);
    return this.#closing;
  }

  abandon(reason: AppError): Promise<void> {
    this.#end(reason);
    this.#cutAsides();
    return this.#closing ?? Promise.resolve();
  }

  async #close(reason: AppError | undefined): Promise<void> {
    const isLost = this.#ended !== undefined;
    this.#end(reason ?? new AppError("cancelled", `The connection with ${this.label} was closed.`));
    if (isLost || this.#sessionId === undefined) return;
    const outcome = await new Promise<AsideOutcome>((resolve) => {
      const send = (reader: ExchangeReader): HttpTurn => this.#target.delete(this.#headers, reader);
      void new AsideExchange(this.#settings, endTimeoutMs, send, resolve);
    });
    this.#note(outcome);
    this.#cutAsides();
  }

  /** What the server does not take by now it never will. */
  #cutAsides(): void {
    for (const exchange of this.#asidesUnderWay) exchange.abort();
  }

  #end(reason: AppError): void {
    this.#ended ??= reason;
    this.events = deafEvents;
    this.#stream?.close();
    this.#aside.clear();
    this.calls.failAll(this.#ended);
  }

  #start(request: McpRequest, context: McpCallContext | undefined, ownDeadlineAt: number, settle: Settle): void {
    if (this.#ended !== undefined) throw this.#ended;
    const { isIdempotent } = request;
    const call = new LegacyHttpCall(this, { context, ownDeadlineAt, isIdempotent, settle });
    this.#send(call, request);
  }

  #initialize(request: McpRequest, ownDeadlineAt: number, settle: Settle): void {
    const call: InitializeCall = new InitializeCall(this, {
      context: undefined,
      ownDeadlineAt,
      isIdempotent: true,
      settle: {
        resolve: (reply) => {
          const { sessionId } = call;
          if (sessionId === undefined || validSessionId.test(sessionId)) {
            this.#sessionId = sessionId;
            settle.resolve(reply);
          } else settle.reject(new ProtocolRefusal(`${this.label} sent a session id that is none.`, undefined));
        },
        reject: settle.reject,
      },
    });
    this.#send(call, request);
  }

  #send(call: LegacyHttpCall, request: McpRequest): void {
    this.calls.add(call);
    call.body = writeLegacyRequest(request, call.context, call.id);
    call.headers = this.#headers;
    call.lane = laneOf(request);
    call.carriedBy(this.#target.post(call.body, call.headers, call, call.lane));
  }

  #post(body: string, onDone: (outcome: AsideOutcome) => void): void {
    const send = (reader: ExchangeReader): HttpTurn => this.#target.post(body, this.#headers, reader, "side");
    const exchange: AsideExchange = new AsideExchange(this.#settings, asideTimeoutMs, send, (outcome) => {
      this.#asidesUnderWay.delete(exchange);
      onDone(outcome);
    });
    this.#asidesUnderWay.add(exchange);
  }

  #note(outcome: AsideOutcome): void {
    if (outcome.kind === "status" && outcome.status < 300) return;
    this.#settings.log.debug("upstream message not taken", { upstream: this.key, ...outcome });
  }

  #headersFrom(lastEventId: string | undefined): HeaderList {
    return lastEventId === undefined ? this.#headers : [...this.#headers, "last-event-id", lastEventId];
  }

  #lost(): void {
    if (this.#ended !== undefined) return;
    this.#ended = new AppError("session_not_found", `${this.label} no longer knows the session.`);
    this.#stream?.close();
    this.#aside.clear();
    // Unlike this session's next call, they may have done something.
    this.calls.failAll(new AppError("upstream_failed", `${this.label} ended the session in the middle of the call.`));
    this.events.onClosed(this.#ended);
  }
}
