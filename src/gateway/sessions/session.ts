import { type LogLevel, logLevels } from "../../core/call.ts";
import type { JsonObject } from "../../core/json.ts";
import type { ClientDescription } from "../../core/mcp-call.ts";
import type { Principal } from "../../core/principal.ts";
import { SlotList } from "../../core/slot-list.ts";
import { encodeNotification, type RequestId } from "../../protocol/json-rpc.ts";
import type { Rank } from "../../protocol/revisions.ts";
import type { Exchange } from "../exchange.ts";
import { SessionQuestions } from "../input/session-questions.ts";
import { ClientWatches } from "./client-watches.ts";
import { type ResumableStream, ResumableStreams } from "./resumable-streams.ts";

export interface SessionOptions {
  readonly id: string;
  readonly transport: "http" | "sse";
  readonly prefix: string;
  readonly serverKey: string;
  readonly principal: Principal;
  readonly rank: Rank;
  readonly protocolVersion: string;
  readonly clientInfo: JsonObject | undefined;
  readonly capabilities: JsonObject;
  readonly ttlMs: number;
  readonly now: number;
}

/** The stream of an HTTP+SSE session. */
export interface SessionChannel {
  send(message: string): void;
  close(retryMs?: number): void;
}

/** One client connection of the legacy era, bound to a route prefix and a principal. */
export class Session {
  readonly id: string;
  readonly transport: "http" | "sse";
  readonly prefix: string;
  readonly serverKey: string;
  readonly principal: Principal;
  readonly ttlMs: number;
  rank: Rank;
  protocolVersion: string;
  client: ClientDescription;
  /** The client has answered the handshake; sessions that never do end early. */
  initialized = false;
  lastSeenAt: number;
  /** Index into `logLevels`; messages below it are not sent. */
  logThreshold: number = logLevels.indexOf("info");
  /** Requests under way, so that the client can cancel them. */
  readonly inFlight = new SlotList<Exchange>();
  readonly subscriptions = new Set<string>();
  /** What it hears of at MCP upstreams; ended with the session. */
  readonly watches: ClientWatches;
  /** What the client is asked in the middle of calls. */
  readonly questions = new SessionQuestions();
  readonly #streams = new ResumableStreams();
  /** Carries messages of the server's own accord (Streamable HTTP). */
  #standalone: ResumableStream | undefined;
  /** The one stream of an HTTP+SSE session. */
  #channel: SessionChannel | undefined;

  constructor(options: SessionOptions) {
    this.id = options.id;
    this.transport = options.transport;
    this.prefix = options.prefix;
    this.serverKey = options.serverKey;
    this.principal = options.principal;
    this.watches = ClientWatches.ofSession(options.principal, options.id);
    this.rank = options.rank;
    this.protocolVersion = options.protocolVersion;
    this.client = { info: options.clientInfo, capabilities: options.capabilities };
    this.ttlMs = options.ttlMs;
    this.lastSeenAt = options.now;
  }

  get streams(): ResumableStreams {
    return this.#streams;
  }

  get hasOpenStream(): boolean {
    return this.#channel !== undefined || this.#standalone?.isAttached === true;
  }

  /** The stream that a GET attaches to; made by the first one. */
  standaloneStream(): ResumableStream {
    this.#standalone ??= this.#streams.open();
    return this.#standalone;
  }

  openChannel(channel: SessionChannel): void {
    this.#channel = channel;
  }

  /** Takes what the client said of itself in a handshake that came after the session was made. */
  accept(handshake: Pick<SessionOptions, "rank" | "protocolVersion" | "clientInfo" | "capabilities">): void {
    this.rank = handshake.rank;
    this.protocolVersion = handshake.protocolVersion;
    this.client = { info: handshake.clientInfo, capabilities: handshake.capabilities };
  }

  /** Cancels the request of that id, if it is under way. */
  cancel(id: RequestId): void {
    this.inFlight.find(({ message }) => message.id === id)?.cancel();
  }

  /** Sends a message on the stream of an HTTP+SSE session. */
  send(message: string): void {
    this.#channel?.send(message);
  }

  /** Sends a notification that belongs to no request; dropped while the client has no stream. */
  notify(method: string, params?: unknown): void {
    if (!this.initialized || (this.#channel ?? this.#standalone) === undefined) return;
    const message = encodeNotification(method, params);
    this.#channel?.send(message);
    this.#standalone?.send(message);
  }

  setLogLevel(level: LogLevel): void {
    this.logThreshold = logLevels.indexOf(level);
  }

  /** Closes the connections; with `retryMs` clients are asked to come back. */
  disconnect(retryMs: number): void {
    this.#streams.close(retryMs);
    this.#channel?.close(retryMs);
  }

  /** Ends calls and streams for good. */
  close(): void {
    this.watches.end();
    for (const exchange of this.inFlight.toArray()) exchange.cancel();
    this.#streams.close();
    this.#standalone = undefined;
    const channel = this.#channel;
    this.#channel = undefined;
    channel?.close();
  }
}
