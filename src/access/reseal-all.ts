import type { ResealedSecret, SealedValue } from "../core/secret-store.ts";
import type { Cipher, SecretPlace } from "./secret-cipher.ts";

/** Sealed values that can be sealed anew while others use and write them. */
export interface SealedValues {
  readAll(): Promise<{ readonly secrets: readonly (SealedValue & SecretPlace)[] }>;
  /** Replaces each that is still what it `replaces`; answers how many. */
  reseal(sealed: readonly ResealedSecret[]): Promise<number>;
}

export interface ResealReport {
  /** How many values the first key seals now and did not before. */
  readonly resealed: number;
  /** How many it sealed already. */
  readonly current: number;
  /** What no key opens; it stays as it is. */
  readonly unopened: readonly (SecretPlace & { readonly keyId: string })[];
  /** False when others kept writing with another key. */
  readonly isComplete: boolean;
}

const batchSize = 100;
/** Rounds after which whoever still writes with an old key will go on to. */
const maxRounds = 5;

/**
 * Seals every value with the first key of the cipher. Values that are written meanwhile are not touched, and are looked
 * at in the next round.
 *
 * @throws AppError `unavailable` when the store does not answer: what was sealed until then is good, and the rest too
 */
export async function resealAll(store: SealedValues, cipher: Cipher): Promise<ResealReport> {
  let resealed = 0;
  for (let round = 1; ; round++) {
    const { secrets } = await store.readAll();
    const old = secrets.filter(({ keyId }) => keyId !== cipher.sealingKeyId);
    const unopened: (SecretPlace & { readonly keyId: string })[] = [];
    const openable: ResealedSecret[] = [];
    for (const secret of old) {
      const again = reseal(secret, cipher);
      if (again === undefined) unopened.push({ tenant: secret.tenant, name: secret.name, keyId: secret.keyId });
      else openable.push(again);
    }
    if (openable.length === 0 || round > maxRounds) {
      const current = secrets.length - old.length - resealed;
      return { resealed, current: Math.max(0, current), unopened, isComplete: openable.length === 0 };
    }
    for (let i = 0; i < openable.length; i += batchSize) {
      resealed += await store.reseal(openable.slice(i, i + batchSize));
    }
  }
}

function reseal(secret: SealedValue & SecretPlace, cipher: Cipher): ResealedSecret | undefined {
  const { tenant, name, ciphertext } = secret;
  try {
    return { tenant, name, replaces: ciphertext, ...cipher.seal(secret, cipher.open(secret, secret)) };
  } catch {
    // Told by the report: its key is not there, or the text is damaged.
    return undefined;
  }
}
