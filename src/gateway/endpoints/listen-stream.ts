import { AppError } from "../../core/errors.ts";
import { isJsonObject } from "../../core/json.ts";
import type { CompiledServer } from "../compile/compiled-server.ts";
import type { RpcRequest } from "../../protocol/json-rpc.ts";
import { systemClock } from "../../upstreams/mcp/lifecycle/clock.ts";
import { settledWithin } from "../../upstreams/mcp/lifecycle/settled-within.ts";
import { EventWriter } from "../sessions/event-writer.ts";
import type { GatewayState } from "../gateway-state.ts";
import { ClientWatches, inEffectMs } from "../sessions/client-watches.ts";
import { type ListenFilter, Listener } from "../sessions/listen-hub.ts";
import type { Incoming } from "./incoming.ts";

const maxListeners = 20_000;
const maxSubscribedUris = 1_000;

/** Opens a `subscriptions/listen` stream: the acknowledgement first, then what was asked for. */
export function openListenStream(state: GatewayState, incoming: Incoming, message: RpcRequest): void {
  const filter = readFilter(message);
  if (state.listeners.size >= maxListeners || state.draining) {
    throw new AppError("overloaded", "No further subscriptions are taken right now; try again later.");
  }
  const { response, cors, match, principal } = incoming;
  const writer = new EventWriter({
    response,
    headers: cors,
    keepAlive: state.keepAlive,
    keepAliveMs: match.route.config.streams.keepAliveMs,
    onClose: () => state.listeners.remove(listener),
  });
  const listener = new Listener({
    serverKey: match.server.key,
    principal,
    prefix: match.route.prefix,
    filter,
    watches: ClientWatches.ofListener(principal),
    id: message.id,
    writer,
  });
  state.listeners.add(listener);
  const waiting = watchUpstreams(listener, match.server);
  if (waiting.length === 0) listener.acknowledge();
  else void settledWithin(Promise.all(waiting), inEffectMs, systemClock).then(() => listener.acknowledge());
}

/** What MCP upstreams have to tell of what was asked for: what has to be waited for. */
function watchUpstreams({ filter, watches }: Listener, server: CompiledServer): Promise<void>[] {
  const { toolsListChanged, promptsListChanged, resourcesListChanged, resourceSubscriptions = [] } = filter;
  const wantsLists = toolsListChanged ?? promptsListChanged ?? resourcesListChanged ?? false;
  const waiting = resourceSubscriptions.map((uri) => watches.watchResource(server, uri));
  if (wantsLists) waiting.push(watches.watchLists(server));
  return waiting.filter((promise) => promise !== undefined);
}

function readFilter(message: RpcRequest): ListenFilter {
  const wanted = message.params["notifications"];
  if (!isJsonObject(wanted)) throw new AppError("invalid_params", "params.notifications must be an object.");
  const uris = wanted["resourceSubscriptions"];
  if (uris !== undefined && !isListOfUris(uris)) {
    throw new AppError("invalid_params", `resourceSubscriptions must be a list of at most ${maxSubscribedUris} URIs.`);
  }
  return {
    ...(wanted["toolsListChanged"] === true ? { toolsListChanged: true } : {}),
    ...(wanted["promptsListChanged"] === true ? { promptsListChanged: true } : {}),
    ...(wanted["resourcesListChanged"] === true ? { resourcesListChanged: true } : {}),
    ...(uris === undefined ? {} : { resourceSubscriptions: uris }),
  };
}

function isListOfUris(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= maxSubscribedUris && value.every((uri) => typeof uri === "string");
}
