const storageKey = "passerelle-tenant";

/** Where somebody was last; a convenience, and nothing secret. */
export function lastTenant(): string | undefined {
  return localStorage.getItem(storageKey) ?? undefined;
}

export function rememberTenant(tenant: string): void {
  localStorage.setItem(storageKey, tenant);
}
