import { randomBytes } from "node:crypto";
import { hashToken } from "./token.ts";

/** An API key as it is made: shown once, kept by its fingerprint. */
export interface MadeKey {
  readonly id: string;
  /** `pas_ID_SECRET`; scanners for leaked secrets know it by its beginning. */
  readonly key: string;
  readonly sha256: string;
  /** `pas_ID`: tells people which key it is, and opens nothing. */
  readonly hint: string;
}

const keyPattern = /^pas_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/;

/** A key with 256 random bits. A key that replaces another one keeps its id. */
export function makeKey(id: string = randomBytes(6).toString("hex")): MadeKey {
  const hint = `pas_${id}`;
  const key = `${hint}_${randomBytes(32).toString("base64url")}`;
  return { id, key, hint, sha256: hashToken(key) };
}

/** Whether a text looks like one of our keys. */
export function isKey(text: string): boolean {
  return keyPattern.test(text);
}
