import type { Author } from "./config-store.ts";

/** Largest value of a secret, in bytes of UTF-8. */
export const maxSecretBytes = 65_536;
/** Most secrets of one tenant: gateways keep all of them in memory. */
export const maxSecretsOfTenant = 1_000;

/** A secret as people see it: never its value. */
export interface SecretInfo {
  readonly tenant: string;
  readonly name: string;
  readonly description: string;
  /** 1, 2, 3 … with each new value. */
  readonly version: number;
  readonly updatedBy: Author;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
}

/** A value as it is kept: encrypted, with the name of the key that opens it. */
export interface SealedValue {
  readonly keyId: string;
  readonly ciphertext: string;
}

export interface SealedSecret extends SecretInfo, SealedValue {}

export interface PutSecret extends SealedValue {
  readonly tenant: string;
  readonly name: string;
  readonly description: string;
  readonly author: Author;
}

/** A value that is sealed anew, in the place of the one that was read. */
export interface ResealedSecret extends SealedValue {
  readonly tenant: string;
  readonly name: string;
  /** Ciphertext that it replaces; another one there stays as it is. */
  readonly replaces: string;
}

/** Every sealed secret of every tenant, and the revision that it is at least of. */
export interface SealedSecrets {
  readonly revision: number;
  readonly secrets: readonly SealedSecret[];
}

/** Where sealed secrets are read from. Errors: `unavailable` when it does not answer. */
export interface SealedSecretSource {
  /** Grows with every change. */
  revision(): Promise<number>;
  readAll(): Promise<SealedSecrets>;
}

/**
 * Keeps encrypted values; it never sees a plain one. Calls may overlap. What was answered survives a kill of the
 * process. Errors: `unavailable` when the store does not answer.
 */
export interface SecretStore extends SealedSecretSource {
  /** By name, in the order of its characters. */
  list(tenant: string): Promise<readonly SecretInfo[]>;
  /**
   * Makes the secret or gives it a new value. A deleted name begins at version 1 again. `unprocessable` when the tenant
   * has `maxSecretsOfTenant` others.
   */
  put(secret: PutSecret): Promise<SecretInfo>;
  /** False when there was none. */
  delete(tenant: string, name: string): Promise<boolean>;
  /** Replaces ciphertexts after the key changed; versions and authors stay. Answers how many were replaced. */
  reseal(sealed: readonly ResealedSecret[]): Promise<number>;
  close(): Promise<void>;
}
