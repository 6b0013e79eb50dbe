import type { AppError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { McpCallContext } from "../../../core/mcp-call.ts";
import type { ServerRequest } from "../../../protocol/server-message.ts";
import type { ConnectionListener, McpConnection, ServerDescription } from "../connection.ts";
import { awaitInCall } from "../lifecycle/await-in-call.ts";
import type { McpReply, McpRequest } from "../mcp-request.ts";
import { attributeOn } from "./attribution.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import { initializeRequest, ownRequest, readInitializeReply } from "./handshake.ts";
import { LogOpening } from "./log-opening.ts";
import { tellMissedChanges } from "./missed-changes.ts";
import type { LegacyPeer, PeerEvents } from "./peer.ts";
import type { PendingCall } from "./pending-call.ts";
import { answered } from "./protocol-refusal.ts";
import { ResourceSubscriptions } from "./resource-subscriptions.ts";
import { deliverNotification } from "./server-notifications.ts";
import { ServerRequests } from "./server-requests.ts";

export interface LegacyConnectionOptions {
  readonly peer: LegacyPeer;
  readonly settings: ConnectionSettings;
  readonly listener: ConnectionListener;
}

/** A session of the legacy era: handshake, questions of the server, and what it was told to remember. */
export class LegacyConnection implements McpConnection, PeerEvents {
  readonly server: ServerDescription;
  readonly isStateless = false;
  readonly #settings: ConnectionSettings;
  readonly #peer: LegacyPeer;
  readonly #listener: ConnectionListener;
  readonly #serverRequests: ServerRequests;
  readonly #log: LogOpening;
  readonly #subscriptions: ResourceSubscriptions;

  private constructor({ peer, settings, listener }: LegacyConnectionOptions, server: ServerDescription) {
    this.server = server;
    this.#settings = settings;
    this.#peer = peer;
    this.#listener = listener;
    this.#serverRequests = new ServerRequests(settings, (message) => peer.send(message));
    const send = (request: McpRequest, deadlineAt: number): Promise<McpReply> => peer.requestOwn(request, deadlineAt);
    this.#log = new LogOpening({ settings, server, send });
    this.#subscriptions = new ResourceSubscriptions({ settings, send });
  }

  /** Makes the handshake. Fails with `AppError`; the peer is the caller's to close then. */
  static async open(options: LegacyConnectionOptions, deadlineAt: number): Promise<LegacyConnection> {
    const { peer, settings } = options;
    return LegacyConnection.begin(options, await peer.requestOwn(initializeRequest(settings), deadlineAt));
  }

  /** Goes on with the handshake after the answer to `initialize`. Fails like `open`. */
  static async begin(options: LegacyConnectionOptions, reply: McpReply): Promise<LegacyConnection> {
    const { peer, settings } = options;
    const server = readInitializeReply(reply, settings);
    const connection = new LegacyConnection(options, server);
    peer.events = connection;
    await peer.begin(server);
    return connection;
  }

  get inFlight(): number {
    return this.#peer.calls.size;
  }

  request(request: McpRequest, context: McpCallContext): Promise<McpReply> {
    if (context.logLevel !== undefined) {
      const opening = this.#log.open();
      if (opening !== undefined && !this.#peer.keepsOrder) return this.#requestAfter(opening, request, context);
    }
    return this.#peer.request(request, context);
  }

  requestOwn(request: McpRequest, deadlineAt: number): Promise<McpReply> {
    return this.#peer.requestOwn(request, deadlineAt);
  }

  async watch(uris: ReadonlySet<string>): Promise<void> {
    await Promise.all([this.#peer.listening(), this.#subscriptions.want(uris)]);
  }

  ping(deadlineAt: number): Promise<void> {
    return answered(this.#peer.requestOwn(ownRequest("ping"), deadlineAt));
  }

  close(reason?: AppError): Promise<void> {
    return this.#peer.close(reason);
  }

  abandon(reason: AppError): Promise<void> {
    return this.#peer.abandon(reason);
  }

  onRequest(request: ServerRequest, stream: PendingCall | undefined): void {
    this.#serverRequests.handle(request, attributeOn(stream, this.#peer.calls));
  }

  onNotification(method: string, params: JsonObject, stream: PendingCall | undefined): void {
    if (method === "notifications/cancelled") this.#serverRequests.cancelled(params["requestId"]);
    else deliverNotification(method, params, attributeOn(stream, this.#peer.calls), this.#listener);
  }

  onGap(): void {
    tellMissedChanges(this.server.capabilities, this.#subscriptions.wanted, this.#listener);
  }

  onClosed(error: AppError): void {
    this.#listener.onClosed(error);
  }

  async #requestAfter(opening: Promise<void>, request: McpRequest, context: McpCallContext): Promise<McpReply> {
    const { clock, label } = this.#settings;
    await awaitInCall(opening, context, clock, `${label} did not open its log within the time of the call.`);
    return this.#peer.request(request, context);
  }
}
