import { logLevels } from "../core/call.ts";
import type { JsonObject } from "../core/json.ts";
import { isForwarded } from "../protocol/methods.ts";
import type { Binding } from "../upstreams/mcp/mcp-upstream.ts";
import { type Audience, audienceOf, byPrincipal, type PrincipalAudience } from "./audience.ts";
import type { CompiledServer } from "./compile/compiled-server.ts";
import type { GatewayState } from "./gateway-state.ts";
import { tellPrincipal } from "./notify-changes.ts";
import { isSubscribed } from "./sessions/is-subscribed.ts";
import type { Session } from "./sessions/session.ts";
import type { McpHandle, UpstreamEvents } from "./upstream-pool.ts";

const nobody: Audience = { sessions: [], listeners: [] };

/** What becomes of what MCP upstreams tell without being asked. */
export function upstreamEvents(state: GatewayState): UpstreamEvents {
  return {
    catalogueChanged: (upstream, principalId) => {
      const server = servedWith(state, upstream);
      if (server === undefined) return;
      for (const audience of byPrincipal(audienceOf(state, server.key))) {
        if (principalId !== undefined && audience.principal.id !== principalId) continue;
        tellPrincipal(audience, server.catalogue, server.catalogue);
        moveWatches(audience, server);
      }
    },
    notified: (upstream, binding, method, params) => {
      const server = servedWith(state, upstream);
      if (server === undefined) return;
      const audience = boundTo(binding, state, server.key);
      if (method === "notifications/resources/updated") {
        for (const group of byPrincipal(audience)) tellResourceUpdated(group, { server, upstream, params });
      } else tellSessions(audience.sessions, method, params);
    },
  };
}

/** The served server that has this upstream; undefined for one that a reload has replaced. */
function servedWith({ snapshot }: GatewayState, upstream: McpHandle): CompiledServer | undefined {
  const server = snapshot.servers.get(upstream.server);
  return server?.upstreams.includes(upstream) === true ? server : undefined;
}

/** A resource that was unknown when a client subscribed to it may be there now. */
function moveWatches({ sessions, listeners }: Audience, server: CompiledServer): void {
  for (const { watches } of sessions) watches.moveTo(server);
  for (const { watches } of listeners) watches.moveTo(server);
}

/**
 * The clients that what comes over a connection of this binding is meant for. There may be as many
 * connections as sessions, and each may tell much: the session of one is looked up, not searched for.
 */
function boundTo(binding: Binding, state: GatewayState, serverKey: string): Audience {
  switch (binding.kind) {
    case "shared":
      return audienceOf(state, serverKey);
    case "principal": {
      const { sessions, listeners } = audienceOf(state, serverKey);
      return {
        sessions: sessions.filter(({ principal }) => principal.id === binding.id),
        listeners: listeners.filter(({ principal }) => principal.id === binding.id),
      };
    }
    case "session": {
      const session = state.sessions.get(binding.id);
      if (session !== undefined) return { sessions: session.serverKey === serverKey ? [session] : [], listeners: [] };
      const listeners = [...state.listeners.of(serverKey)];
      return { sessions: [], listeners: listeners.filter(({ watches }) => watches.caller.sessionId === binding.id) };
    }
    case "call":
      return nobody;
  }
}

interface ResourceUpdate {
  readonly server: CompiledServer;
  readonly upstream: McpHandle;
  readonly params: JsonObject;
}

/** Tells the subscribers of a resource, under the URI that they know, if it is this upstream that has it. */
function tellResourceUpdated(audience: PrincipalAudience, { server, upstream, params }: ResourceUpdate): void {
  const { uri: upstreamUri } = params;
  if (typeof upstreamUri !== "string") return;
  const view = server.catalogue.current(audience.principal);
  const uri = view.namespaceOf(upstream)?.toClient(upstreamUri) ?? upstreamUri;
  const found = view.findResource(uri);
  if (found?.kind !== "mcp" || found.upstream !== upstream) return;
  for (const listener of audience.listeners) listener.resourceUpdated(uri, params);
  for (const session of audience.sessions) {
    if (isSubscribed(session.subscriptions, uri)) session.notify("notifications/resources/updated", { ...params, uri });
  }
}

/** 2026-07-28 has no carrier for these: listeners hear of what they asked for alone. */
function tellSessions(sessions: readonly Session[], method: string, params: JsonObject): void {
  const isLog = method === "notifications/message";
  const level = logLevels.findIndex((name) => name === params["level"]);
  for (const session of sessions) {
    if (isLog ? level >= session.logThreshold : isForwarded(method, session.rank)) session.notify(method, params);
  }
}
