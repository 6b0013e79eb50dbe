/** An API key as gateways know it: never the key itself. */
export interface KeyRecord {
  readonly id: string;
  /** Lower-case hex SHA-256 of the whole key. */
  readonly sha256: string;
  /** Name for people. */
  readonly name: string;
  /** The key opens routes of this tenant's servers only; `*` those of all. */
  readonly tenant: string;
  /** Names of the servers that it opens; all of the tenant when absent. */
  readonly servers?: readonly string[] | undefined;
  /** Globs over the names of tools that it may see and call; all when absent. */
  readonly tools?: readonly string[] | undefined;
  /** Milliseconds since 1970; never when absent. */
  readonly expiresAt?: number | undefined;
}

export interface KeyRecords {
  readonly revision: number;
  readonly keys: readonly KeyRecord[];
  /** Nobody is let in to servers of these tenants, whoever they are. */
  readonly disabledTenants: readonly string[];
}

/**
 * Where gateways learn who is let in. Revoked keys and those of disabled users are not among them. Errors: `unavailable`.
 */
export interface KeySource {
  /** Grows with every change. */
  revision(): Promise<number>;
  readAll(): Promise<KeyRecords>;
  /** When keys were used last; milliseconds since 1970 by id. Called now and then with what came together. */
  recordUse(lastUsedAt: ReadonlyMap<string, number>): Promise<void>;
}
