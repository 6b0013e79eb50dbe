import { setImmediate as nextTurn } from "node:timers/promises";
import type { SecretSource, TenantSecrets } from "../core/config-source.ts";
import type { Log } from "../core/log.ts";
import type { SealedSecret, SealedSecretSource } from "../core/secret-store.ts";
import type { Cipher } from "./secret-cipher.ts";

export interface StoredSecretsOptions {
  readonly source: SealedSecretSource;
  readonly cipher: Pick<Cipher, "open">;
  readonly log: Log;
}

interface Opened {
  readonly keyId: string;
  readonly ciphertext: string;
  /** Undefined when it does not open; that was logged. */
  readonly value: string | undefined;
}

type OpenedByName = ReadonlyMap<string, Opened>;

/** How many values are opened before others get their turn. */
const sliceSize = 200;

/**
 * Secrets of a store, opened and kept in memory. A secret that cannot be opened is absent, which is logged once with
 * its name. Calls of `refresh` may overlap: they share one reading.
 */
export class StoredSecrets implements TenantSecrets {
  readonly #options: StoredSecretsOptions;
  readonly #sources = new Map<string, SecretSource>();
  #tenants: ReadonlyMap<string, OpenedByName> = new Map();
  #revision: number | undefined;
  #refreshing: Promise<void> | undefined;

  constructor(options: StoredSecretsOptions) {
    this.#options = options;
  }

  forTenant(tenant: string): SecretSource {
    const known = this.#sources.get(tenant);
    if (known !== undefined) return known;
    const source: SecretSource = { get: (name) => this.#tenants.get(tenant)?.get(name)?.value };
    this.#sources.set(tenant, source);
    return source;
  }

  async refresh(): Promise<void> {
    const underWay = this.#refreshing;
    if (underWay !== undefined) {
      // It may have read before what this caller was told of.
      await underWay.catch(() => undefined);
      if (this.#refreshing !== underWay && this.#refreshing !== undefined) return this.#refreshing;
    }
    const own = this.#read();
    this.#refreshing = own;
    try {
      await own;
    } finally {
      if (this.#refreshing === own) this.#refreshing = undefined;
    }
  }

  async #read(): Promise<void> {
    const { source } = this.#options;
    if ((await source.revision()) === this.#revision) return;
    const { revision, secrets } = await source.readAll();
    const tenants = new Map<string, Map<string, Opened>>();
    for (const [index, secret] of secrets.entries()) {
      if (index % sliceSize === sliceSize - 1) await nextTurn();
      const ofTenant = tenants.get(secret.tenant) ?? new Map<string, Opened>();
      tenants.set(secret.tenant, ofTenant.set(secret.name, this.#open(secret)));
    }
    this.#tenants = tenants;
    this.#revision = revision;
  }

  #open(secret: SealedSecret): Opened {
    const { tenant, name, keyId, ciphertext } = secret;
    const known = this.#tenants.get(tenant)?.get(name);
    if (known?.ciphertext === ciphertext && known.keyId === keyId) return known;
    const { cipher, log } = this.#options;
    try {
      return { keyId, ciphertext, value: cipher.open(secret, secret) };
    } catch (error) {
      log.error("a secret cannot be opened; it is absent for its documents", { tenant, name, keyId, error });
      return { keyId, ciphertext, value: undefined };
    }
  }
}
