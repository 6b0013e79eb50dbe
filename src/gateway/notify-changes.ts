import type { GatewayState } from "./gateway-state.ts";
import type { ListKind } from "./sessions/listen-hub.ts";
import type { Session } from "./sessions/session.ts";
import type { CompiledServer } from "./compile/compiled-server.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * Tells clients what a reload changed for them: exactly the sessions and listeners whose list is
 * another one, and the subscribers of resources whose content is configured anew. Sessions whose
 * route is gone end.
 */
export function notifyChanges(state: GatewayState, before: Snapshot, after: Snapshot): void {
  const isServed = ({ prefix, serverKey }: { readonly prefix: string; readonly serverKey: string }): boolean =>
    after.routes.match(`${prefix}/mcp`)?.server.key === serverKey;
  state.sessions.retain(isServed);
  state.listeners.end(isServed);
  const sessions = groupSessions(state);
  for (const [key, server] of after.servers) {
    const old = before.servers.get(key);
    const ofServer = sessions.get(key) ?? [];
    if (old === undefined || old === server || (ofServer.length === 0 && !state.listeners.has(key))) continue;
    notifyServer(state, ofServer, old, server);
  }
}

/** Makes ready what `notifyChanges` compares: writing long lists takes a while. */
export function digestLists(...servers: readonly CompiledServer[]): void {
  for (const { lists } of servers) for (const list of Object.values(lists)) void list.digest;
}

function groupSessions(state: GatewayState): ReadonlyMap<string, readonly Session[]> {
  const groups = new Map<string, Session[]>();
  for (const session of state.sessions.all()) {
    const group = groups.get(session.serverKey);
    if (group === undefined) groups.set(session.serverKey, [session]);
    else group.push(session);
  }
  return groups;
}

function notifyServer(
  state: GatewayState,
  sessions: readonly Session[],
  old: CompiledServer,
  server: CompiledServer,
): void {
  for (const kind of changedLists(old, server)) {
    state.listeners.listChanged(server.key, kind);
    for (const session of sessions) session.notify(`notifications/${kind}/list_changed`);
  }
  const updated = changedResources(old, server);
  if (updated.size === 0) return;
  for (const uri of updated) state.listeners.resourceUpdated(server.key, uri);
  for (const session of sessions) {
    for (const uri of session.subscriptions) {
      if (updated.has(uri)) session.notify("notifications/resources/updated", { uri });
    }
  }
}

function changedLists(old: CompiledServer, server: CompiledServer): ListKind[] {
  const kinds: ListKind[] = [];
  if (old.lists.tools.digest !== server.lists.tools.digest) kinds.push("tools");
  if (old.lists.prompts.digest !== server.lists.prompts.digest) kinds.push("prompts");
  if (
    old.lists.resources.digest !== server.lists.resources.digest ||
    old.lists.resourceTemplates.digest !== server.lists.resourceTemplates.digest
  ) {
    kinds.push("resources");
  }
  return kinds;
}

function changedResources(old: CompiledServer, server: CompiledServer): ReadonlySet<string> {
  const changed = new Set<string>();
  for (const [uri, resource] of server.resources) {
    const before = old.resources.get(uri);
    if (before !== undefined && before.fingerprint !== resource.fingerprint) changed.add(uri);
  }
  return changed;
}
