import { AppError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { McpCallContext } from "../../../core/mcp-call.ts";
import { encodeNotification } from "../../../protocol/json-rpc.ts";
import { type Rank, rank } from "../../../protocol/revisions.ts";
import type { ServerError, ServerRequest, ServerResult } from "../../../protocol/server-message.ts";
import type { ServerDescription } from "../connection.ts";
import type { McpReply, McpRequest } from "../mcp-request.ts";
import type { ChannelReader, MessageChannel, OpenChannel } from "../message-channel.ts";
import { CallsUnderWay } from "./calls-under-way.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import { initializedNotification } from "./handshake.ts";
import { type MessageTaker, takeMessage } from "./message-intake.ts";
import { asReply, deafEvents, handOnNotification, type LegacyPeer, type PeerEvents } from "./peer.ts";
import { type CallLine, PendingCall, type Settle } from "./pending-call.ts";
import { type WriteRequest, writeLegacyRequest } from "./request-text.ts";

/** Bytes that a server may leave unread before it gets no more calls. */
const maxPendingBytes = 4_194_304;

/** A server at the end of a channel, which all requests share: a child process, or HTTP+SSE. Either era. */
export class ChannelPeer implements LegacyPeer, ChannelReader, MessageTaker, CallLine {
  readonly label: string;
  readonly key: string;
  readonly keepsOrder = true;
  readonly calls: CallsUnderWay;
  events: PeerEvents = deafEvents;
  readonly #settings: ConnectionSettings;
  #write: WriteRequest = writeLegacyRequest;
  #rank: Rank = rank["2025-11-25"];
  #channel: MessageChannel | undefined;
  #ended: AppError | undefined;
  #closing: Promise<void> | undefined;

  private constructor(settings: ConnectionSettings) {
    this.#settings = settings;
    this.label = settings.label;
    this.key = settings.key;
    this.calls = new CallsUnderWay(settings);
  }

  /** Opens a channel and reads it. Fails like `OpenChannel`. */
  static async open(open: OpenChannel, settings: ConnectionSettings, signal: AbortSignal): Promise<ChannelPeer> {
    const peer = new ChannelPeer(settings);
    peer.#channel = await open(peer, signal);
    return peer;
  }

  get ended(): AppError | undefined {
    return this.#ended;
  }

  /** How requests are written from now on, and what the results are. */
  speak(write: WriteRequest, rank: Rank): void {
    this.#write = write;
    this.#rank = rank;
  }

  begin(server: ServerDescription): Promise<void> {
    this.#rank = server.rank;
    this.send(initializedNotification);
    return this.#ended === undefined ? Promise.resolve() : Promise.reject(this.#ended);
  }

  listening(): Promise<void> {
    return Promise.resolve();
  }

  request(request: McpRequest, context: McpCallContext): Promise<McpReply> {
    return new Promise((resolve, reject) => {
      this.#checkRoom();
      this.#start(request, new PendingCall(this, context, 0, { resolve, reject }));
    });
  }

  requestOwn(request: McpRequest, deadlineAt: number): Promise<McpReply> {
    return new Promise((resolve, reject) => {
      this.#start(request, new PendingCall(this, undefined, deadlineAt, { resolve, reject }));
    });
  }

  /** Starts a request that has no deadline. Fails when the channel has ended. */
  startLasting(request: McpRequest, settle: Settle): PendingCall {
    const call = new PendingCall(this, undefined, Number.POSITIVE_INFINITY, settle);
    this.#start(request, call);
    return call;
  }

  send(message: string): void {
    this.#channel?.send(message);
  }

  onMessage(text: string): void {
    takeMessage(text, this);
  }

  onClosed(error: AppError): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    this.calls.failAll(error);
    this.events.onClosed(error);
  }

  takeResponse(response: ServerResult | ServerError): void {
    // A late answer to a call that was given up is no fault.
    this.calls.get(response.id)?.deliver(asReply(response, this.#rank));
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

  settled(call: PendingCall): void {
    this.calls.delete(call);
  }

  abandoned(call: PendingCall, reason: string): void {
    this.send(encodeNotification("notifications/cancelled", { requestId: call.id, reason }));
  }

  close(reason?: AppError): Promise<void> {
    this.#closing ??= this.#close(reason);
    return this.#closing;
  }

  abandon(reason: AppError): Promise<void> {
    this.#end(reason);
    return this.#channel?.abandon() ?? Promise.resolve();
  }

  async #close(reason: AppError | undefined): Promise<void> {
    this.#end(reason ?? new AppError("cancelled", `The connection with ${this.label} was closed.`));
    await this.#channel?.close();
  }

  #end(reason: AppError): void {
    this.#ended ??= reason;
    this.events = deafEvents;
    this.calls.failAll(this.#ended);
  }

  #start(request: McpRequest, call: PendingCall): void {
    if (this.#ended !== undefined) {
      call.fail(this.#ended);
      return;
    }
    this.calls.add(call);
    this.send(this.#write(request, call.context, call.id));
  }

  #checkRoom(): void {
    this.calls.checkRoom();
    if ((this.#channel?.pendingBytes ?? 0) <= maxPendingBytes) return;
    throw new AppError("overloaded", `${this.label} does not read what it is sent. Try again later.`);
  }
}
