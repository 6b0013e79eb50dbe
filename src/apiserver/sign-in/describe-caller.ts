import type { Caller } from "../../access/caller.ts";
import { permissionsIn } from "../../access/permissions.ts";
import { everyTenant } from "../../core/role.ts";
import type { User } from "../../core/user-store.ts";
import type { PeopleParts } from "./people-parts.ts";
import { csrfTokenOf } from "./same-site.ts";

/** Who somebody is and may do, as `GET /me` tells it. */
export async function describeCaller(
  { tenants }: Pick<PeopleParts, "tenants">,
  caller: Caller,
  signedIn?: { readonly user: User; readonly method: string; readonly token: string },
) {
  const { kind, id, name, roles } = caller;
  const named = [...roles.keys()].filter((tenant) => tenant !== everyTenant);
  const known = await Promise.all(named.map((tenant) => tenants.get(tenant)));
  return {
    kind,
    id,
    name,
    roles: Object.fromEntries(roles),
    permissions: Object.fromEntries([...roles.keys()].map((tenant) => [tenant, permissionsIn(roles, tenant)])),
    tenants: known.flatMap((tenant) => (tenant === undefined ? [] : [{ id: tenant.id, title: tenant.title }])),
    ...(signedIn === undefined ? {} : describeSignIn(signedIn)),
  };
}

function describeSignIn({ user, method, token }: { user: User; method: string; token: string }) {
  const { email, mustChangePassword, hasPassword, hasTotp } = user;
  return { email, csrfToken: csrfTokenOf(token), signedInBy: method, mustChangePassword, hasPassword, hasTotp };
}
