import type { Page, PageQuery } from "./page.ts";
import type { Role } from "./role.ts";
import type { User } from "./user-store.ts";

/** An API key as it is kept: never the key itself. */
export interface ApiKeyInfo {
  readonly id: string;
  /** Its first characters, for people to know it by. */
  readonly hint: string;
  readonly name: string;
  /** User who made it: it can never do more than they can now. */
  readonly ownerId: string;
  /** Tenant that it holds in; `*` for all. */
  readonly tenant: string;
  /** `mcp` keys open routes of the gateway, `api` keys the control plane; none does both. */
  readonly use: { readonly kind: "mcp" } | { readonly kind: "api"; readonly role: Role };
  /** Names of servers that an `mcp` key opens; all of the tenant when absent. */
  readonly servers?: readonly string[] | undefined;
  /** Globs over names of tools that an `mcp` key may see and call; all when absent. */
  readonly tools?: readonly string[] | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly expiresAt?: number | undefined;
  readonly usedAt?: number | undefined;
}

/** A whole key reduced to what is kept of it. */
export interface KeyFingerprint {
  /** Lower-case hex SHA-256. */
  readonly sha256: string;
  readonly hint: string;
}

/**
 * Keeps API keys. Calls may overlap. Errors: `not_found` for a key, tenant or owner that is not there (nor active),
 * `unavailable`.
 */
export interface ApiKeyStore {
  /** By name, of one tenant. */
  list(tenant: string, query: PageQuery): Promise<Page<ApiKeyInfo>>;
  get(tenant: string, id: string): Promise<ApiKeyInfo | undefined>;
  create(key: ApiKeyInfo, sha256: string): Promise<ApiKeyInfo>;
  /** Gives it another key with the same scopes; the one before opens nothing from then on. */
  rotate(tenant: string, id: string, fingerprint: KeyFingerprint): Promise<ApiKeyInfo>;
  /** False when there was none. */
  delete(tenant: string, id: string): Promise<boolean>;
  /**
   * The key and its owner, whose roles are those in tenants that are not disabled. Undefined when it is unknown or
   * expired, its tenant is disabled, or its owner is not active. `now` is milliseconds since 1970.
   */
  find(sha256: string, now: number): Promise<{ readonly key: ApiKeyInfo; readonly owner: User } | undefined>;
}
