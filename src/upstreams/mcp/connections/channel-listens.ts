import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import { subscriptionIdKey } from "../../../protocol/modern-request.ts";
import type { McpRequest } from "../mcp-request.ts";
import type { ChannelPeer } from "./channel-peer.ts";
import { acknowledged, type ListenCarrier, type ListenEvents, type ListenStream } from "./listening.ts";

interface OpenListen {
  /** Of the request, which names the stream in every message. */
  readonly id: number;
  readonly events: ListenEvents;
}

/** The `subscriptions/listen` streams on a channel, which they share with each other and with calls. */
export class ChannelListens implements ListenCarrier {
  readonly #peer: ChannelPeer;
  /** One, or two while wishes change. */
  #open: readonly OpenListen[] = [];

  constructor(peer: ChannelPeer) {
    this.#peer = peer;
  }

  get openAmongCalls(): number {
    return this.#open.length;
  }

  open(request: McpRequest, events: ListenEvents): ListenStream {
    const end = (): boolean => {
      const before = this.#open.length;
      this.#open = this.#open.filter((open) => open.events !== events);
      return this.#open.length < before;
    };
    const call = this.#peer.startLasting(request, {
      resolve: (reply) => {
        if (end()) events.ended(reply.kind === "error");
      },
      // The whole channel has ended, or the stream was closed from here.
      reject: () => void end(),
    });
    if (!call.isOver) this.#open = [...this.#open, { id: call.id, events }];
    return {
      close: () => {
        if (end()) call.cancel();
      },
    };
  }

  take(method: string, params: JsonObject): boolean {
    const id = isJsonObject(params["_meta"]) ? params["_meta"][subscriptionIdKey] : undefined;
    if (id === undefined) return false;
    const listen = this.#find(id);
    // A late message of a stream that was closed is nobody's.
    if (listen === undefined) return true;
    if (method === acknowledged) listen.events.acknowledged();
    else listen.events.notified(method, params);
    return true;
  }

  /** Servers may keep the id as text. */
  #find(id: JsonValue): OpenListen | undefined {
    return this.#open.find((open) => open.id === id || String(open.id) === id);
  }
}
