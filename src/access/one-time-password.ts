import { randomBytes } from "node:crypto";
import { Secret, TOTP } from "otpauth";
import { hashToken } from "./token.ts";

const periodMs = 30_000;
const settings = { algorithm: "SHA1", digits: 6, period: 30 } as const;
/** Steps before and after the present one that are taken: clocks of phones are off. */
const toleratedSteps = 1;

/** A new secret, in base32: 160 bits, as RFC 4226 recommends. */
export function newTotpSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** What authenticator programs scan. */
export function totpUri(secret: string, issuer: string, account: string): string {
  return new TOTP({ ...settings, issuer, label: account, secret: Secret.fromBase32(secret) }).toString();
}

/**
 * The 30-second step that a code belongs to; undefined when it is wrong. The caller takes each step once (RFC 6238,
 * section 5.2).
 */
export function totpStep(secret: string, code: string, now: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const totp = new TOTP({ ...settings, secret: Secret.fromBase32(secret) });
  const delta = totp.validate({ token: code, timestamp: now, window: toleratedSteps });
  return delta === null ? undefined : Math.floor(now / periodMs) + delta;
}

const recoveryCodes = 10;
const alphabet = "abcdefghijkmnpqrstuvwxyz23456789";

/** Codes for the day the phone is gone; each has 80 random bits. */
export function newRecoveryCodes(): readonly string[] {
  return Array.from({ length: recoveryCodes }, () => {
    const text = [...randomBytes(16)].map((byte) => alphabet[byte % alphabet.length]).join("");
    return text.replace(/(.{4})(?=.)/g, "$1-");
  });
}

/** What is kept of a recovery code; however it is typed. */
export function hashRecoveryCode(code: string): string {
  return hashToken(code.toLowerCase().replace(/[^a-z0-9]/g, ""));
}
