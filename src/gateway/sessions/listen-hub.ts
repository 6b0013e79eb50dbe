import type { JsonObject } from "../../core/json.ts";
import type { Principal } from "../../core/principal.ts";
import type { ListKind } from "../catalogue/server-lists.ts";
import type { ClientWatches } from "./client-watches.ts";
import type { EventWriter } from "./event-writer.ts";
import { isSubscribed } from "./is-subscribed.ts";
import { encodeEvent } from "../../protocol/event-stream.ts";
import { encodeNotification, type RequestId, responseHead } from "../../protocol/json-rpc.ts";
import { subscriptionIdKey } from "../../protocol/modern-request.ts";

/** What a `subscriptions/listen` request asked for and is honoured. */
export interface ListenFilter {
  readonly toolsListChanged?: true;
  readonly promptsListChanged?: true;
  readonly resourcesListChanged?: true;
  readonly resourceSubscriptions?: readonly string[];
}

/** Most changes that wait for the acknowledgement. */
const maxHeld = 100;

/** One open `subscriptions/listen` stream (2026-07-28). */
export class Listener {
  readonly serverKey: string;
  readonly principal: Principal;
  readonly prefix: string;
  readonly filter: ListenFilter;
  /** Ended with the stream. */
  readonly watches: ClientWatches;
  readonly #id: RequestId;
  readonly #writer: EventWriter;
  /** What came before the acknowledgement, which is the first message; undefined after it. */
  #held: string[] | undefined = [];

  constructor(options: {
    serverKey: string;
    principal: Principal;
    prefix: string;
    filter: ListenFilter;
    watches: ClientWatches;
    id: RequestId;
    writer: EventWriter;
  }) {
    this.serverKey = options.serverKey;
    this.principal = options.principal;
    this.prefix = options.prefix;
    this.filter = options.filter;
    this.watches = options.watches;
    this.#id = options.id;
    this.#writer = options.writer;
  }

  /** Sends a notification tagged with the request it belongs to. */
  notify(method: string, params: Readonly<Record<string, unknown>> = {}): void {
    const meta = { [subscriptionIdKey]: this.#id };
    const event = encodeEvent(encodeNotification(method, { ...params, _meta: meta }));
    if (this.#held === undefined) this.#writer.write(event);
    else if (this.#held.length < maxHeld) this.#held.push(event);
  }

  /** Tells what is honoured, and then what has changed meanwhile. */
  acknowledge(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.notify("notifications/subscriptions/acknowledged", { notifications: this.filter });
    for (const event of held) this.#writer.write(event);
  }

  listChanged(kind: ListKind): void {
    if (this.filter[`${kind}ListChanged`] === true) this.notify(`notifications/${kind}/list_changed`);
  }

  /** @param params what the upstream says besides the URI */
  resourceUpdated(uri: string, params: JsonObject = {}): void {
    const { resourceSubscriptions = [] } = this.filter;
    if (isSubscribed(resourceSubscriptions, uri)) this.notify("notifications/resources/updated", { ...params, uri });
  }

  /** Ends the stream with its result (2026-07-28, subscriptions, graceful end). */
  end(): void {
    const result = JSON.stringify({ resultType: "complete", _meta: { [subscriptionIdKey]: this.#id } });
    this.#writer.write(encodeEvent(`${responseHead(this.#id)}${result}}`));
    this.#writer.end();
  }
}

/** The open listen streams of this process by server. */
export class ListenHub {
  readonly #listeners = new Map<string, Set<Listener>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Whether anybody listens to this server. */
  has(serverKey: string): boolean {
    return this.#listeners.has(serverKey);
  }

  add(listener: Listener): void {
    let ofServer = this.#listeners.get(listener.serverKey);
    if (ofServer === undefined) {
      ofServer = new Set();
      this.#listeners.set(listener.serverKey, ofServer);
    }
    ofServer.add(listener);
    this.#size++;
  }

  remove(listener: Listener): void {
    const ofServer = this.#listeners.get(listener.serverKey);
    if (ofServer?.delete(listener) !== true) return;
    this.#size--;
    listener.watches.end();
    if (ofServer.size === 0) this.#listeners.delete(listener.serverKey);
  }

  /** The listeners of a server. */
  of(serverKey: string): Iterable<Listener> {
    return this.#listeners.get(serverKey) ?? [];
  }

  /** Ends streams whose route is no longer served, or all of them. */
  end(isServed: (listener: Listener) => boolean = () => false): void {
    for (const ofServer of this.#listeners.values()) {
      for (const listener of ofServer) {
        if (isServed(listener)) continue;
        this.remove(listener);
        listener.end();
      }
    }
  }
}
