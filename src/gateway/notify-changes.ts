import type { GatewayState } from "./gateway-state.ts";
import type { ListKind } from "./listen-hub.ts";
import type { CompiledServer, Snapshot } from "./snapshot.ts";

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
  for (const [key, server] of after.servers) {
    const old = before.servers.get(key);
    if (old !== undefined && old !== server) notifyServer(state, old, server);
  }
}

function notifyServer(state: GatewayState, old: CompiledServer, server: CompiledServer): void {
  const kinds = changedLists(old, server);
  for (const kind of kinds) {
    state.listeners.listChanged(server.key, kind);
    for (const session of state.sessions.ofServer(server.key)) session.notify(`notifications/${kind}/list_changed`);
  }
  const updated = changedResources(old, server);
  if (updated.size === 0) return;
  for (const uri of updated) state.listeners.resourceUpdated(server.key, uri);
  for (const session of state.sessions.ofServer(server.key)) {
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
