import type { McpUpstreamConfig } from "../../core/config/mcp-upstream-schema.ts";
import type { Principal } from "../../core/principal.ts";

/** On whose behalf something is done at an upstream. */
export interface Caller {
  readonly principal: Principal;
  /** The client's session; undefined for a client that has none. */
  readonly sessionId: string | undefined;
}

/** Who shares one connection, as `sharing` of the upstream says. */
export type Binding =
  | { readonly kind: "shared" }
  | { readonly kind: "principal"; readonly id: string }
  | { readonly kind: "session"; readonly id: string }
  /** A stranger without a session: a connection for one call. */
  | { readonly kind: "call" };

export type Sharing = McpUpstreamConfig["sharing"];

const shared: Binding = { kind: "shared" };
const call: Binding = { kind: "call" };

/**
 * Whose connection serves a caller of a server that keeps something about its callers. Anonymous
 * callers are strangers to each other: they never share by principal.
 */
export function bindingOf(sharing: Sharing, { principal, sessionId }: Caller): Binding {
  if (sharing === "shared") return shared;
  const ofSession: Binding = sessionId === undefined ? call : { kind: "session", id: sessionId };
  const isStranger = principal.kind === "anonymous";
  switch (sharing) {
    case "per-principal":
      return isStranger ? ofSession : { kind: "principal", id: principal.id };
    case "per-session":
      return sessionId !== undefined || isStranger ? ofSession : { kind: "principal", id: principal.id };
  }
}
