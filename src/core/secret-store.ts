import type { Author } from "./config-store.ts";

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

/**
 * Keeps encrypted values; it never sees a plain one. Calls may overlap. `revision` grows with every change, so that
 * readers know when to read again. Errors: `unavailable` when the store does not answer.
 */
export interface SecretStore {
  /** By name. */
  list(tenant: string): Promise<readonly SecretInfo[]>;
  /** Makes the secret or gives it a new value. */
  put(secret: PutSecret): Promise<SecretInfo>;
  /** False when there was none. */
  delete(tenant: string, name: string): Promise<boolean>;
  revision(): Promise<number>;
  /** Every sealed secret of every tenant. */
  readAll(): Promise<{ readonly revision: number; readonly secrets: readonly SealedSecret[] }>;
  /** Replaces ciphertexts after the key changed; each only while it is still of version `version`. */
  reseal(
    sealed: readonly (SealedValue & { readonly tenant: string; readonly name: string; readonly version: number })[],
  ): Promise<number>;
  close(): Promise<void>;
}
