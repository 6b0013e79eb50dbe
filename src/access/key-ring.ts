import { createHash } from "node:crypto";
import { AppError } from "../core/errors.ts";
import type { KeyRecord } from "../core/key-source.ts";
import type { Principal } from "../core/principal.ts";

/** An API key of the settings as it is kept: never the key itself. It opens everything. */
export interface ApiKey {
  readonly name: string;
  /** Lower-case hex SHA-256 of the key. */
  readonly sha256: string;
}

interface HeldKey {
  readonly principal: Principal;
  /** Of a stored key; undefined for one of the settings. */
  readonly record: KeyRecord | undefined;
}

/**
 * The API keys that `access: key` routes take: those of the settings, and those of a store, which are exchanged as a
 * whole. Looked up by hash: comparing takes the same time for any guess.
 */
export class KeyRing {
  readonly #settings = new Map<string, HeldKey>();
  readonly #ownPrincipals = new Set<Principal>();
  readonly #now: () => number;
  #stored: ReadonlyMap<string, HeldKey> = new Map();
  /** Of the stored keys that are in force, by id. */
  #principals: ReadonlyMap<string, HeldKey> = new Map();
  #used = new Map<string, number>();
  #disabledTenants: ReadonlySet<string> = new Set();
  /** False while stored keys are still to come: then an unknown key may be one of them. */
  isComplete = true;

  /** @param now milliseconds since 1970 */
  constructor(keys: readonly ApiKey[], now: () => number = Date.now) {
    this.#now = now;
    for (const { name, sha256 } of keys) {
      const principal: Principal = Object.freeze({ kind: "key", id: `key:${name}`, name, tenant: "*" });
      this.#settings.set(sha256, { principal, record: undefined });
      this.#ownPrincipals.add(principal);
    }
  }

  /**
   * The holder of the key in an `Authorization: Bearer …` header; undefined when there is none.
   *
   * @throws AppError `unavailable` for an unknown key while stored keys are still to come
   */
  authenticate(authorization: string | undefined): Principal | undefined {
    const key = authorization === undefined ? undefined : /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
    if (key === undefined) return undefined;
    const hash = createHash("sha256").update(key).digest("hex");
    const held = this.#settings.get(hash) ?? this.#stored.get(hash);
    if (held === undefined) {
      if (this.isComplete) return undefined;
      throw new AppError("unavailable", "This gateway does not know its API keys yet; try again.");
    }
    if (held.record === undefined) return held.principal;
    const now = this.#now();
    if (isExpired(held.record, now)) return undefined;
    this.#used.set(held.record.id, now);
    return held.principal;
  }

  /** Whether nobody is let in to servers of this tenant. */
  isDisabled(tenant: string): boolean {
    return this.#disabledTenants.has(tenant);
  }

  /** Exchanges what the store says. A key whose scope is as before keeps its principal object. */
  replaceStored(records: readonly KeyRecord[], disabledTenants: readonly string[] = []): void {
    const stored = new Map<string, HeldKey>();
    const principals = new Map<string, HeldKey>();
    for (const record of records) {
      const principal = principalOf(record);
      const before = this.#principals.get(principal.id)?.principal;
      const held = { record, principal: before !== undefined && isSame(before, principal) ? before : principal };
      stored.set(record.sha256, held);
      principals.set(principal.id, held);
    }
    this.#stored = stored;
    this.#principals = principals;
    this.#disabledTenants = new Set(disabledTenants);
    this.isComplete = true;
  }

  /** Whether this caller would be let in as the same one again: false once a key is revoked, expired or has another scope. */
  isCurrent(principal: Principal): boolean {
    if (principal.kind !== "key" || this.#ownPrincipals.has(principal)) return true;
    const held = this.#principals.get(principal.id);
    if (held?.principal !== principal || held.record === undefined) return false;
    return !isExpired(held.record, this.#now());
  }

  /** Milliseconds since 1970, by the clock that keys expire by. */
  get now(): number {
    return this.#now();
  }

  /** When the next stored key expires; milliseconds since 1970. */
  get nextExpiry(): number | undefined {
    const now = this.#now();
    let next: number | undefined;
    for (const { record } of this.#stored.values()) {
      const { expiresAt } = record ?? {};
      if (expiresAt !== undefined && expiresAt > now && (next === undefined || expiresAt < next)) next = expiresAt;
    }
    return next;
  }

  /** When stored keys were used since this was asked last; milliseconds since 1970 by id. */
  takeUse(): ReadonlyMap<string, number> {
    const used = this.#used;
    this.#used = new Map();
    return used;
  }

  /** Takes back what could not be handed on. */
  giveBackUse(used: ReadonlyMap<string, number>): void {
    for (const [id, at] of used) if (!this.#used.has(id) && this.#principals.has(`key:${id}`)) this.#used.set(id, at);
  }
}

function isExpired({ expiresAt }: KeyRecord, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

function principalOf({ id, name, tenant, servers, tools }: KeyRecord): Principal {
  return Object.freeze({
    kind: "key",
    id: `key:${id}`,
    name,
    tenant,
    ...(servers === undefined ? {} : { servers }),
    ...(tools === undefined ? {} : { tools }),
  });
}

function isSame(one: Principal, other: Principal): boolean {
  return JSON.stringify(one) === JSON.stringify(other); // made by the same function, so in the same order
}
