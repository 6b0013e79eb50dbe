import { anonymous } from "../core/principal.ts";
import { type Audience, byPrincipal, groupSessions, type PrincipalAudience, tellListsChanged } from "./audience.ts";
import { changedLists } from "./catalogue/server-lists.ts";
import type { ServerCatalogue } from "./catalogue/server-view.ts";
import type { CompiledServer } from "./compile/compiled-server.ts";
import type { GatewayState } from "./gateway-state.ts";
import type { Snapshot } from "./snapshot.ts";

/** What a reload exchanged. */
export interface Exchanged {
  readonly before: Snapshot;
  readonly after: Snapshot;
  /** Servers of `after` that are not those of `before`. */
  readonly changed: readonly CompiledServer[];
}

/**
 * Tells clients what a reload changed for them: exactly the sessions and listeners whose list is
 * another one, and the subscribers of resources whose content is configured anew. Sessions whose
 * route is gone end.
 */
export function notifyChanges(state: GatewayState, { before, after, changed }: Exchanged): void {
  const isServed = ({ prefix, serverKey }: { readonly prefix: string; readonly serverKey: string }): boolean =>
    after.routes.match(`${prefix}/mcp`)?.server.key === serverKey;
  state.sessions.retain(isServed);
  state.parking.retain(isServed);
  state.listeners.end(isServed);
  const sessions = groupSessions(state);
  for (const server of changed) {
    const { key } = server;
    const old = before.servers.get(key);
    // Nobody is a client of a server that was never compiled.
    if (old?.isCompiled !== true) continue;
    const audience = { sessions: sessions.get(key) ?? [], listeners: [...state.listeners.of(key)] };
    for (const group of byPrincipal(audience)) notifyPrincipal(state, group, old, server);
    for (const { watches } of [...audience.sessions, ...audience.listeners]) watches.moveTo(server);
    notifySubscribers(audience, changedResources(old, server));
  }
}

/** Makes ready what `notifyChanges` compares: writing long lists takes a while. */
export function prepareComparison(...servers: readonly CompiledServer[]): void {
  for (const { catalogue } of servers) catalogue.shown(anonymous);
}

/**
 * Tells the clients of one principal which lists differ from the ones that they know.
 *
 * @param known the catalogue that gave them the lists they know
 */
export function tellPrincipal(audience: PrincipalAudience, known: ServerCatalogue, served: ServerCatalogue): void {
  const before = known.shown(audience.principal);
  if (before === undefined) return;
  tellListsChanged(audience, changedLists(before, served.show(audience.principal)));
}

function notifyPrincipal(
  state: GatewayState,
  audience: PrincipalAudience,
  old: CompiledServer,
  server: CompiledServer,
): void {
  if (old.catalogue.shown(audience.principal) === undefined) return;
  const ready = server.catalogue.ready(audience.principal);
  const tell = (): void => {
    // Another reload may have come meanwhile: what counts is what is served by then.
    const served = state.snapshot.servers.get(server.key);
    if (served !== undefined) tellPrincipal(audience, old.catalogue, served.catalogue);
  };
  if (ready instanceof Promise) {
    ready.then(tell).catch((error: unknown) => state.log.error("clients were not told of a change", { error }));
  } else tell();
}

function notifySubscribers({ sessions, listeners }: Audience, updated: ReadonlySet<string>): void {
  if (updated.size === 0) return;
  for (const uri of updated) for (const listener of listeners) listener.resourceUpdated(uri);
  for (const session of sessions) {
    for (const uri of session.subscriptions) {
      if (updated.has(uri)) session.notify("notifications/resources/updated", { uri });
    }
  }
}

function changedResources(old: CompiledServer, server: CompiledServer): ReadonlySet<string> {
  const changed = new Set<string>();
  for (const [uri, resource] of server.parts.resources) {
    const before = old.parts.resources.get(uri);
    if (before !== undefined && before.fingerprint !== resource.fingerprint) changed.add(uri);
  }
  return changed;
}
