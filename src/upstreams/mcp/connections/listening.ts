import { isJsonObject, type JsonObject } from "../../../core/json.ts";
import { subscriptionIdKey } from "../../../protocol/modern-request.ts";
import type { Expiring } from "../../http/deadlines.ts";
import type { ConnectionListener, ServerDescription } from "../connection.ts";
import type { McpRequest } from "../mcp-request.ts";
import { asideTimeoutMs, type ConnectionSettings } from "./connection-settings.ts";
import { ownRequest } from "./handshake.ts";
import { canTell, tellMissedChanges } from "./missed-changes.ts";
import { waitBeforeReopening } from "./reopening.ts";

/** What a `subscriptions/listen` stream tells. Nothing is called after `ended`. */
export interface ListenEvents {
  acknowledged(): void;
  notified(method: string, params: JsonObject): void;
  /** @param isRefused the server does not serve such streams: asking again is pointless */
  ended(isRefused: boolean): void;
}

export interface ListenStream {
  /** Nothing is told any more. May be called twice. */
  close(): void;
}

/** Where `subscriptions/listen` streams of one peer are opened. */
export interface ListenCarrier {
  /** How many of the peer's calls are streams. */
  readonly openAmongCalls: number;
  /** Opens a stream; its events come later, never before this has returned. */
  open(request: McpRequest, events: ListenEvents): ListenStream;
  /** Whether the notification is one of a stream, which it was given to. */
  take(method: string, params: JsonObject): boolean;
}

/** The first message of a stream. */
export const acknowledged = "notifications/subscriptions/acknowledged";

export interface ListeningOptions {
  readonly server: ServerDescription;
  readonly settings: ConnectionSettings;
  readonly listener: ConnectionListener;
  readonly carrier: ListenCarrier;
}

/** Wishes that come together change the stream once. */
const debounceMs = 50;

/** A stream that lasted this long was a good one: what broke it is not held against the next. */
const goodAfterMs = 30_000;

/** One of the streams: while wishes change there are two, so that nothing is missed between them. */
interface Stream extends Expiring {
  readonly openedAt: number;
  handle: ListenStream | undefined;
  /** The server did not acknowledge it in time; it may still do so. */
  isLate: boolean;
}

/**
 * Keeps a server of 2026-07-28 telling what is wanted to be heard of: there is no changing of a
 * `subscriptions/listen` stream, so a new one is opened before the old one ends. A broken one is opened
 * again, and what may have been missed meanwhile is told as changed.
 */
export class Listening {
  readonly #options: ListeningOptions;
  #uris: ReadonlySet<string> = new Set();
  /** What the youngest stream was opened for. */
  #asked: ReadonlySet<string> | undefined;
  /** The stream that was acknowledged last. */
  #current: Stream | undefined;
  /** The stream that is to take its place. */
  #next: Stream | undefined;
  #cancelWait: (() => void) | undefined;
  /** The wait is for further wishes, not for a server to recover. */
  #isDebouncing = false;
  #failures = 0;
  #mayHaveMissed = false;
  #isClosed = false;
  /** Those who wait for the stream that is on its way. */
  readonly #waiting: (() => void)[] = [];

  constructor(options: ListeningOptions) {
    this.#options = options;
  }

  /** Resolves when a stream for it was acknowledged, or when there is none for now; never rejects. */
  want(uris: ReadonlySet<string>): Promise<void> {
    this.#uris = uris;
    const isSame = this.#asked !== undefined && hasSameMembers(uris, this.#asked);
    const isUnderWay = this.#next !== undefined || this.#cancelWait !== undefined;
    if (this.#isClosed || (isSame && this.#current !== undefined && !isUnderWay)) return Promise.resolve();
    this.#failures = 0;
    if (isSame && this.#next?.isLate === true && this.#cancelWait === undefined) return Promise.resolve();
    // What waits for further wishes goes as planned: were it put off each time, it might never go.
    if (!this.#isDebouncing && !(isSame && this.#next !== undefined)) {
      this.#reopenIn(this.#current !== undefined || isUnderWay ? debounceMs : 0);
      this.#isDebouncing = true;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelWait?.();
    this.#current?.handle?.close();
    this.#current = undefined;
    this.#dropNext();
    this.#decided();
  }

  /** It is clear what will be heard of for now. */
  #decided(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #reopenIn(delayMs: number): void {
    this.#cancelWait?.();
    this.#cancelWait = this.#options.settings.clock.after(delayMs, () => this.#reopen());
  }

  #reopen(): void {
    this.#cancelWait = undefined;
    this.#isDebouncing = false;
    this.#dropNext();
    const { server, carrier } = this.#options;
    const uris = [...this.#uris];
    this.#asked = new Set(uris);
    const filter = listenFilter(server.capabilities, uris);
    if (filter === undefined) {
      this.#current?.handle?.close();
      this.#current = undefined;
      this.#decided();
      return;
    }
    const stream = this.#expectStream();
    stream.handle = carrier.open(ownRequest("subscriptions/listen", { notifications: filter }), {
      acknowledged: () => this.#acknowledged(stream),
      notified: (method, params) => this.#options.listener.onNotification(method, withoutSubscription(params)),
      ended: (isRefused) => this.#ended(stream, isRefused),
    });
  }

  /** The stream that is to be acknowledged next, in time for those who wait for it. */
  #expectStream(): Stream {
    const { clock, deadlines } = this.#options.settings;
    const openedAt = clock.now();
    const stream: Stream = {
      openedAt,
      handle: undefined,
      isLate: false,
      slot: -1,
      deadlineAt: openedAt + asideTimeoutMs,
      expire: () => {
        stream.isLate = true;
        this.#decided();
      },
    };
    deadlines.add(stream);
    this.#next = stream;
    return stream;
  }

  #dropNext(): void {
    this.#next?.handle?.close();
    this.#forgetNext();
  }

  #forgetNext(): void {
    if (this.#next !== undefined) this.#options.settings.deadlines.delete(this.#next);
    this.#next = undefined;
  }

  #acknowledged(stream: Stream): void {
    if (this.#next !== stream) return;
    this.#forgetNext();
    this.#current?.handle?.close();
    this.#current = stream;
    // What is wanted since then is on its way on another stream.
    if (this.#cancelWait === undefined) this.#decided();
    if (!this.#mayHaveMissed) return;
    this.#mayHaveMissed = false;
    const { server, listener } = this.#options;
    tellMissedChanges(server.capabilities, this.#uris, listener);
  }

  #ended(stream: Stream, isRefused: boolean): void {
    const wasCurrent = this.#current === stream;
    if (wasCurrent) this.#current = undefined;
    else if (this.#next === stream) this.#forgetNext();
    if (wasCurrent) this.#mayHaveMissed = true;
    const { settings } = this.#options;
    // Another one is on its way already.
    if (this.#next !== undefined || this.#cancelWait !== undefined) return;
    this.#decided();
    if (isRefused) {
      settings.log.info("upstream does not tell changes", { upstream: settings.key });
      return;
    }
    if (wasCurrent && settings.clock.now() - stream.openedAt > goodAfterMs) this.#failures = 0;
    this.#reopenIn(waitBeforeReopening(this.#failures++, settings.clock.random()));
  }
}

/** Looks at members only when there are as many of them, which is rare: each wish changes their number. */
function hasSameMembers(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  if (one.size !== other.size) return false;
  for (const member of one) if (!other.has(member)) return false;
  return true;
}

/** Only what the server says it can tell; undefined when that is nothing. */
function listenFilter(capabilities: JsonObject, uris: readonly string[]): JsonObject | undefined {
  const filter = {
    ...(canTell(capabilities, "tools", "listChanged") ? { toolsListChanged: true } : {}),
    ...(canTell(capabilities, "prompts", "listChanged") ? { promptsListChanged: true } : {}),
    ...(canTell(capabilities, "resources", "listChanged") ? { resourcesListChanged: true } : {}),
    ...(uris.length > 0 && canTell(capabilities, "resources", "subscribe") ? { resourceSubscriptions: uris } : {}),
  };
  return Object.keys(filter).length === 0 ? undefined : filter;
}

/** The id names a stream of this connection: it means nothing to anybody else. */
function withoutSubscription(params: JsonObject): JsonObject {
  const { _meta, ...others } = params;
  if (!isJsonObject(_meta)) return params;
  const { [subscriptionIdKey]: _, ...meta } = _meta;
  return Object.keys(meta).length === 0 ? others : { ...others, _meta: meta };
}
