/**
 * Who is calling. Sessions, parked exchanges and limits are bound to `id`; expressions and policies see all of it, so it
 * is JSON.
 */
export interface Principal {
  readonly kind: "anonymous" | "key";
  /** Stable and unique per kind; never a secret. */
  readonly id: string;
  readonly name: string;
  /** Of the key; `*` for a key of all tenants, empty for anonymous callers. */
  readonly tenant: string;
  /** Names of the servers that the key opens; all of its tenant when absent. */
  readonly servers?: readonly string[];
  /** Globs over the names of tools that the key may see and call; all when absent. */
  readonly tools?: readonly string[];
}

export const anonymous: Principal = Object.freeze({
  kind: "anonymous",
  id: "anonymous",
  name: "anonymous",
  tenant: "",
});
