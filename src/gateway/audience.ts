import type { Principal } from "../core/principal.ts";
import type { ListKind } from "./catalogue/server-lists.ts";
import type { GatewayState } from "./gateway-state.ts";
import type { Listener } from "./sessions/listen-hub.ts";
import type { Session } from "./sessions/session.ts";

/** The clients of one server that can be told something now. */
export interface Audience {
  readonly sessions: readonly Session[];
  readonly listeners: readonly Listener[];
}

/** Who is connected to each server. */
export function groupSessions(state: GatewayState): ReadonlyMap<string, readonly Session[]> {
  const groups = new Map<string, Session[]>();
  for (const session of state.sessions.all()) {
    const group = groups.get(session.serverKey);
    if (group === undefined) groups.set(session.serverKey, [session]);
    else group.push(session);
  }
  return groups;
}

export function audienceOf(state: GatewayState, serverKey: string): Audience {
  return {
    sessions: [...state.sessions.all()].filter((session) => session.serverKey === serverKey),
    listeners: [...state.listeners.of(serverKey)],
  };
}

/** The part of an audience that acts for one principal. */
export interface PrincipalAudience extends Audience {
  readonly principal: Principal;
}

export function byPrincipal({ sessions, listeners }: Audience): Iterable<PrincipalAudience> {
  const groups = new Map<string, { principal: Principal; sessions: Session[]; listeners: Listener[] }>();
  const groupOf = (principal: Principal): { readonly sessions: Session[]; readonly listeners: Listener[] } => {
    let group = groups.get(principal.id);
    if (group === undefined) {
      group = { principal, sessions: [], listeners: [] };
      groups.set(principal.id, group);
    }
    return group;
  };
  for (const session of sessions) groupOf(session.principal).sessions.push(session);
  for (const listener of listeners) groupOf(listener.principal).listeners.push(listener);
  return groups.values();
}

/** Sends `list_changed` for each of the kinds. */
export function tellListsChanged({ sessions, listeners }: Audience, kinds: readonly ListKind[]): void {
  for (const kind of kinds) {
    for (const listener of listeners) listener.listChanged(kind);
    for (const session of sessions) session.notify(`notifications/${kind}/list_changed`);
  }
}
