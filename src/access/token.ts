import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** A token that cannot be guessed: 256 random bits in base64url. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/** What is kept of a token: lower-case hex SHA-256. Fast is good enough where nothing can be guessed. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** A token made of another one, which does not tell that one. */
export function deriveToken(token: string, purpose: string): string {
  return createHmac("sha256", token).update(purpose).digest("base64url");
}

/** Compares in a time that does not tell how much is equal. */
export function isSameText(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
