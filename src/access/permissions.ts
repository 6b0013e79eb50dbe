import { everyTenant, type Role } from "../core/role.ts";

/**
 * What one may do, and which roles may. The API and the UI derive everything from this table. `scope` says where the
 * role must be held: in the tenant that is acted upon, or in `*`.
 */
export const permissionTable = {
  "servers.read": { scope: "tenant", roles: ["administrator", "editor", "operator", "viewer"] },
  "servers.write": { scope: "tenant", roles: ["administrator", "editor"] },
  "servers.delete": { scope: "tenant", roles: ["administrator", "editor"] },
  /** Run a tool, read a resource through the control plane. */
  "tools.run": { scope: "tenant", roles: ["administrator", "editor", "operator"] },
  /** Connect to an upstream to see what is wrong with it. */
  "upstreams.probe": { scope: "tenant", roles: ["administrator", "editor", "operator"] },
  /** Read one's own conversations, and those that members of the tenant share. */
  "chat.read": { scope: "tenant", roles: ["administrator", "editor", "operator", "viewer"] },
  /** Have conversations of one's own. Nobody's role opens those of somebody else. */
  "chat.use": { scope: "tenant", roles: ["administrator", "editor", "operator"] },
  /** Save a document that starts a program, or changes how one is started. */
  "stdio.define": { scope: "tenant", roles: ["administrator"] },
  /** Save a document that opens private addresses, or changes which. */
  "egress.define": { scope: "tenant", roles: ["administrator"] },
  /** Save a document that names files or folders of the machine, or changes which. */
  "files.define": { scope: "tenant", roles: ["administrator"] },
  /** Names and ages of secrets; nobody reads a value. */
  "secrets.read": { scope: "tenant", roles: ["administrator", "editor", "operator"] },
  "secrets.write": { scope: "tenant", roles: ["administrator", "editor"] },
  "keys.read": { scope: "tenant", roles: ["administrator", "operator"] },
  "keys.write": { scope: "tenant", roles: ["administrator"] },
  "members.read": { scope: "tenant", roles: ["administrator", "editor", "operator", "viewer"] },
  "members.write": { scope: "tenant", roles: ["administrator"] },
  "audit.read": { scope: "tenant", roles: ["administrator", "operator"] },
  "gateways.read": { scope: "instance", roles: ["administrator", "editor", "operator", "viewer"] },
  "gateways.reload": { scope: "instance", roles: ["administrator", "operator"] },
  "tenants.read": { scope: "instance", roles: ["administrator", "editor", "operator", "viewer"] },
  "tenants.write": { scope: "instance", roles: ["administrator"] },
  "users.read": { scope: "instance", roles: ["administrator", "operator"] },
  "users.write": { scope: "instance", roles: ["administrator"] },
  "settings.read": { scope: "instance", roles: ["administrator", "operator"] },
  "settings.write": { scope: "instance", roles: ["administrator"] },
} as const satisfies Record<string, { readonly scope: "tenant" | "instance"; readonly roles: readonly Role[] }>;

export type Permission = keyof typeof permissionTable;
export const permissions = Object.keys(permissionTable) as readonly Permission[]; // keys of a literal

/** Whether these roles allow it; `tenant` is not looked at where a permission is of the instance. */
export function isAllowed(held: ReadonlyMap<string, Role>, permission: Permission, tenant: string): boolean {
  const { scope, roles: allowed }: { readonly scope: string; readonly roles: readonly Role[] } =
    permissionTable[permission];
  const everywhere = held.get(everyTenant);
  if (everywhere !== undefined && allowed.includes(everywhere)) return true;
  const here = scope === "tenant" ? held.get(tenant) : undefined;
  return here !== undefined && allowed.includes(here);
}

/** Every permission that these roles give in a tenant, in the order of the table. */
export function permissionsIn(held: ReadonlyMap<string, Role>, tenant: string): readonly Permission[] {
  return permissions.filter((permission) => isAllowed(held, permission, tenant));
}
