import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { AppError } from "../core/errors.ts";
import type { SealedValue } from "../core/secret-store.ts";

/** Where a sealed value belongs: it opens at no other place. */
export interface SecretPlace {
  readonly tenant: string;
  readonly name: string;
}

/** Opens and seals values that are kept by others. */
export interface Cipher {
  /** Id of the key that seals; undefined when there is none. */
  readonly sealingKeyId: string | undefined;
  /** @throws AppError `unavailable` when this process has no key */
  seal(place: SecretPlace, value: string): SealedValue;
  /** @throws AppError `invalid_configuration` when the key is not known, or the text is not what was sealed here */
  open(place: SecretPlace, sealed: SealedValue): string;
}

const algorithm = "aes-256-gcm";
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
/** Of the hash that names a key: enough to tell keys apart, nothing to guess one by. */
const keyIdLength = 16;
const format = /^v1\.([A-Za-z0-9_-]+)$/;

/**
 * AES-256-GCM with a random nonce. The first key seals, all of them open; tenant and name are authenticated with the
 * value, so that what was sealed for one secret cannot be put in the place of another.
 */
export class SecretCipher implements Cipher {
  readonly sealingKeyId: string | undefined;
  readonly #keys: ReadonlyMap<string, Buffer>;

  /** @param keys of 32 bytes each; without any, nothing can be sealed or opened */
  constructor(keys: readonly Buffer[]) {
    for (const { length } of keys) {
      if (length !== keyBytes)
        throw new AppError("invalid_configuration", `A key that seals secrets has ${keyBytes} bytes.`);
    }
    // The first of two equal keys stays where it is: it may be the one that seals.
    this.#keys = new Map(keys.map((key) => [keyIdOf(key), key]));
    [this.sealingKeyId] = this.#keys.keys();
  }

  seal(place: SecretPlace, value: string): SealedValue {
    const keyId = this.sealingKeyId;
    const key = keyId === undefined ? undefined : this.#keys.get(keyId);
    if (keyId === undefined || key === undefined) {
      throw new AppError(
        "unavailable",
        "Secrets cannot be sealed: this process has no encryption key. Start it with PASSERELLE_ENCRYPTION_KEYS.",
      );
    }
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
    cipher.setAAD(boundTo(place));
    const sealed = Buffer.concat([nonce, cipher.update(value, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return { keyId, ciphertext: `v1.${sealed.toString("base64url")}` };
  }

  open(place: SecretPlace, { keyId, ciphertext }: SealedValue): string {
    const key = this.#keys.get(keyId);
    if (key === undefined) {
      throw new AppError(
        "invalid_configuration",
        `The secret ${place.name} of ${place.tenant} was sealed with the key ${keyId}, which is not among the encryption keys.`,
      );
    }
    const encoded = format.exec(ciphertext)?.[1];
    const bytes = Buffer.from(encoded ?? "", "base64url");
    if (bytes.length < nonceBytes + tagBytes) throw damaged(place);
    try {
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
      decipher.setAAD(boundTo(place));
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      const text = decipher.update(bytes.subarray(nonceBytes, -tagBytes));
      return Buffer.concat([text, decipher.final()]).toString("utf8");
    } catch (cause) {
      throw damaged(place, cause);
    }
  }
}

function keyIdOf(key: Buffer): string {
  return createHash("sha256").update("passerelle key id\0").update(key).digest("hex").slice(0, keyIdLength);
}

/** As JSON, because no two places give the same text. */
function boundTo({ tenant, name }: SecretPlace): Buffer {
  return Buffer.from(JSON.stringify(["passerelle secret v1", tenant, name]));
}

function damaged({ tenant, name }: SecretPlace, cause?: unknown): AppError {
  return new AppError(
    "invalid_configuration",
    `What is kept of the secret ${name} of ${tenant} is damaged, or was sealed for another name.`,
    { cause },
  );
}
