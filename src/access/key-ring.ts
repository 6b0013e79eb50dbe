import { createHash } from "node:crypto";
import type { Principal } from "../core/principal.ts";

/** An API key as it is kept: never the key itself. */
export interface ApiKey {
  readonly name: string;
  /** Lower-case hex SHA-256 of the key. */
  readonly sha256: string;
}

/** The API keys that `access: key` routes take, looked up by hash: comparing takes the same time for any guess. */
export class KeyRing {
  readonly #principals = new Map<string, Principal>();

  constructor(keys: readonly ApiKey[]) {
    for (const key of keys) {
      this.#principals.set(key.sha256, { kind: "key", id: `key:${key.name}`, name: key.name });
    }
  }

  /** The holder of the key in an `Authorization: Bearer …` header; undefined when there is none. */
  authenticate(authorization: string | undefined): Principal | undefined {
    const key = authorization === undefined ? undefined : /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
    if (key === undefined) return undefined;
    return this.#principals.get(createHash("sha256").update(key).digest("hex"));
  }
}
