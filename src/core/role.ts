/** What a member of a tenant is. The same role in the tenant `*` holds in every tenant and for the instance itself. */
export const roles = ["administrator", "editor", "operator", "viewer"] as const;
export type Role = (typeof roles)[number];

/** The tenant that stands for all of them and for the instance. */
export const everyTenant = "*";

export function isRole(value: unknown): value is Role {
  return roles.some((role) => role === value);
}
