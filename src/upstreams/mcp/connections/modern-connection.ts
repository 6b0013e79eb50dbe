import type { AppError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { McpCallContext } from "../../../core/mcp-call.ts";
import type { ServerRequest } from "../../../protocol/server-message.ts";
import type { ConnectionListener, McpConnection, ServerDescription } from "../connection.ts";
import type { McpReply, McpRequest } from "../mcp-request.ts";
import { attributeOn } from "./attribution.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import { discoverRequest } from "./handshake.ts";
import { type ListenCarrier, Listening } from "./listening.ts";
import type { Peer, PeerEvents } from "./peer.ts";
import type { PendingCall } from "./pending-call.ts";
import { answered } from "./protocol-refusal.ts";
import { deliverNotification } from "./server-notifications.ts";

export interface ModernConnectionOptions {
  readonly peer: Peer;
  /** Opens `subscriptions/listen` streams with the peer. */
  readonly carrier: ListenCarrier;
  readonly server: ServerDescription;
  readonly settings: ConnectionSettings;
  readonly listener: ConnectionListener;
}

/** A server of 2026-07-28: no handshake, no requests of the server, nothing kept between requests. */
export class ModernConnection implements McpConnection, PeerEvents {
  readonly server: ServerDescription;
  readonly isStateless = true;
  readonly #peer: Peer;
  readonly #carrier: ListenCarrier;
  readonly #settings: ConnectionSettings;
  readonly #listener: ConnectionListener;
  readonly #listening: Listening;

  constructor({ peer, carrier, server, settings, listener }: ModernConnectionOptions) {
    this.server = server;
    this.#peer = peer;
    this.#carrier = carrier;
    this.#settings = settings;
    this.#listener = listener;
    this.#listening = new Listening({ server, settings, listener, carrier });
    peer.events = this;
  }

  /** Streams of changes last; they are no calls. */
  get inFlight(): number {
    return this.#peer.calls.size - this.#carrier.openAmongCalls;
  }

  request(request: McpRequest, context: McpCallContext): Promise<McpReply> {
    return this.#peer.request(request, context);
  }

  requestOwn(request: McpRequest, deadlineAt: number): Promise<McpReply> {
    return this.#peer.requestOwn(request, deadlineAt);
  }

  watch(uris: ReadonlySet<string>): Promise<void> {
    return this.#listening.want(uris);
  }

  ping(deadlineAt: number): Promise<void> {
    return answered(this.#peer.requestOwn(discoverRequest, deadlineAt));
  }

  close(reason?: AppError): Promise<void> {
    this.#listening.close();
    return this.#peer.close(reason);
  }

  abandon(reason: AppError): Promise<void> {
    this.#listening.close();
    return this.#peer.abandon(reason);
  }

  onRequest({ method }: ServerRequest): void {
    this.#settings.log.debug("upstream request ignored", { upstream: this.#settings.key, method });
  }

  onNotification(method: string, params: JsonObject, stream: PendingCall | undefined): void {
    if (this.#carrier.take(method, params) || method === "notifications/cancelled") return;
    deliverNotification(method, params, attributeOn(stream, this.#peer.calls), this.#listener);
  }

  onGap(): void {
    // Streams of changes look after themselves.
  }

  onClosed(error: AppError): void {
    this.#listening.close();
    this.#listener.onClosed(error);
  }
}
