import { AppError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { McpCallContext } from "../../../core/mcp-call.ts";
import { encodeHeaderValue } from "../../../protocol/header-value.ts";
import { modernRevision, rank } from "../../../protocol/revisions.ts";
import type { ServerError, ServerRequest, ServerResult } from "../../../protocol/server-message.ts";
import type { ExchangeReader, HeaderList, HttpTurn, McpHttpTarget } from "../http/mcp-http-client.ts";
import type { McpReply, McpRequest } from "../mcp-request.ts";
import { CallsUnderWay } from "./calls-under-way.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import type { HttpCall } from "./http-call.ts";
import { laneOf } from "./lane-of.ts";
import { ModernHttpCall, type ModernHttpLine } from "./modern-http-call.ts";
import { asReply, deafEvents, handOnNotification, type Peer, type PeerEvents } from "./peer.ts";
import type { PendingCall, Settle } from "./pending-call.ts";
import { modernRequestWriter, type WriteRequest } from "./request-text.ts";

/** A server of 2026-07-28 over HTTP: every request is a POST that stands for itself. */
export class ModernHttpPeer implements Peer, ModernHttpLine {
  readonly label: string;
  readonly key: string;
  readonly calls: CallsUnderWay;
  events: PeerEvents = deafEvents;
  readonly #target: McpHttpTarget;
  readonly #write: WriteRequest;
  #ended: AppError | undefined;

  constructor(target: McpHttpTarget, settings: ConnectionSettings) {
    this.#target = target;
    this.label = settings.label;
    this.key = settings.key;
    this.calls = new CallsUnderWay(settings);
    this.#write = modernRequestWriter(settings.clientInfo);
  }

  get ended(): AppError | undefined {
    return this.#ended;
  }

  request(request: McpRequest, context: McpCallContext): Promise<McpReply> {
    return new Promise((resolve, reject) => {
      this.calls.checkRoom();
      this.#start(request, context, 0, { resolve, reject });
    });
  }

  requestOwn(request: McpRequest, deadlineAt: number): Promise<McpReply> {
    return new Promise((resolve, reject) => this.#start(request, undefined, deadlineAt, { resolve, reject }));
  }

  /** Sends a request whose answer is a stream that stays open: it waits for no call, and no call for it. */
  sendListen(request: McpRequest, reader: ExchangeReader): HttpTurn {
    const body = this.#write(request, undefined, this.calls.reserveId());
    return this.#target.post(body, headersOf(request), reader, "side");
  }

  reply(response: ServerResult | ServerError): McpReply {
    return asReply(response, rank[modernRevision]);
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

  settled(call: PendingCall): void {
    this.calls.delete(call);
  }

  /** Closing the stream is what cancels (2026-07-28, transports); the call does so when it fails. */
  abandoned(): void {
    // Nothing is sent.
  }

  /** Before the connection stands, which revisions are served instead is what is to be found out. */
  versionRefused(): AppError | undefined {
    if (this.events === deafEvents) return undefined;
    const error = new AppError("upstream_failed", `${this.label} no longer serves the revision ${modernRevision}.`);
    // The call that heard of it gets the error first: the others are told the same.
    queueMicrotask(() => this.#end(error));
    return error;
  }

  close(reason?: AppError): Promise<void> {
    const { label } = this;
    this.events = deafEvents;
    this.#end(reason ?? new AppError("cancelled", `The connection with ${label} was closed.`));
    return Promise.resolve();
  }

  /** There is nothing to tell a server that keeps nothing. */
  abandon(reason: AppError): Promise<void> {
    return this.close(reason);
  }

  #end(error: AppError): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    this.calls.failAll(error);
    this.events.onClosed(error);
  }

  #start(request: McpRequest, context: McpCallContext | undefined, ownDeadlineAt: number, settle: Settle): void {
    if (this.#ended !== undefined) throw this.#ended;
    const { isIdempotent } = request;
    const call = new ModernHttpCall(this, { context, ownDeadlineAt, isIdempotent, settle });
    this.calls.add(call);
    call.body = this.#write(request, context, call.id);
    call.headers = headersOf(request);
    call.lane = laneOf(request);
    call.carriedBy(this.#target.post(call.body, call.headers, call, call.lane));
  }
}

/** What is mirrored from the body, so that those in between need not read it (2026-07-28, transports). */
function headersOf({ method, name, mirrored }: McpRequest): HeaderList {
  const headers = ["mcp-protocol-version", modernRevision, "mcp-method", method];
  if (name !== undefined) headers.push("mcp-name", encodeHeaderValue(name));
  if (mirrored.length > 0) headers.push(...mirrored);
  return headers;
}
