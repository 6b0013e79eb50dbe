import type { Principal } from "../core/principal.ts";

/** A server as scopes of keys know it. */
export interface NamedServer {
  readonly tenant: string;
  readonly name: string;
}

/** Whether the scope of a caller's key covers this server. */
export function opensServer({ kind, tenant, servers }: Principal, server: NamedServer): boolean {
  if (kind !== "key") return true;
  if (tenant !== "*" && tenant !== server.tenant) return false;
  return servers === undefined || servers.includes(server.name);
}
