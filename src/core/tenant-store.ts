import type { Page, PageQuery } from "./page.ts";

/** A namespace that owns servers, secrets and keys. `default` is there from the start and stays. */
export interface Tenant {
  /** As documents name it. */
  readonly id: string;
  /** For people. */
  readonly title: string;
  /** Every route of the tenant lies below it, such as `/sales`; anywhere when absent. */
  readonly prefix?: string | undefined;
  /** Its members (but those of `*`) and its keys may do nothing. */
  readonly isDisabled: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

export interface TenantChange {
  readonly title?: string | undefined;
  /** Null takes it away. */
  readonly prefix?: string | null | undefined;
  readonly isDisabled?: boolean | undefined;
}

/**
 * Keeps tenants. Calls may overlap. Errors: `conflict` for an id that is taken, or a prefix that is, lies below or lies
 * above one of another tenant; `not_found`; `unavailable`.
 */
export interface TenantStore {
  /** By id; `search` is part of the id or title, whatever its case. */
  list(query: PageQuery & { readonly search?: string | undefined }): Promise<Page<Tenant>>;
  get(id: string): Promise<Tenant | undefined>;
  create(tenant: Tenant): Promise<Tenant>;
  update(id: string, change: TenantChange): Promise<Tenant>;
  /** With its memberships, keys, conversations and records of imports; `conflict` for `default`. Documents and secrets are kept elsewhere. */
  delete(id: string): Promise<void>;
}
