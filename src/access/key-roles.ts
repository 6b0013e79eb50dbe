import { everyTenant, type Role, roles } from "../core/role.ts";
import { type Permission, permissionsIn, permissionTable } from "./permissions.ts";

/**
 * The roles of a key that was given `role` in `tenant`: never more than its owner has there now. Where the owner has
 * neither this role nor more, it is the greatest role that both cover; empty when there is none.
 */
export function rolesOfKey(role: Role, tenant: string, owner: ReadonlyMap<string, Role>): ReadonlyMap<string, Role> {
  // In `*`, what the owner has in single tenants does not count: `permissionsIn` looks at `*` alone then.
  const allowed = new Set(permissionsIn(owner, tenant));
  const given = permissionsOf(role);
  const candidates = roles.filter((candidate) =>
    [...permissionsOf(candidate)].every(
      (permission) => given.has(permission) && isCovered(permission, tenant, allowed),
    ),
  );
  const [best] = candidates.toSorted((one, other) => permissionsOf(other).size - permissionsOf(one).size);
  return best === undefined ? new Map() : new Map([[tenant, best]]);
}

/** Whether somebody with these roles may give the role in this tenant to another. */
export function coversRole(held: ReadonlyMap<string, Role>, role: Role, tenant: string): boolean {
  return rolesOfKey(role, tenant, held).get(tenant) === role;
}

/** In `*`, with what holds for the instance. */
function permissionsOf(role: Role): ReadonlySet<Permission> {
  return new Set(permissionsIn(new Map([[everyTenant, role]]), everyTenant));
}

/** A role in one tenant gives nothing of the instance, so nobody has to have that. */
function isCovered(permission: Permission, tenant: string, allowed: ReadonlySet<Permission>): boolean {
  return allowed.has(permission) || (tenant !== everyTenant && permissionTable[permission].scope === "instance");
}
