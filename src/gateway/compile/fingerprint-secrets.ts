import { createHash } from "node:crypto";
import type { SecretSource } from "../../core/config-source.ts";
import { printOf } from "./secret-prints.ts";

/** `secrets.NAME`, `secrets.?NAME` and `secrets["NAME"]`, as they stand in the JSON text of a document. */
const secretReference = /\bsecrets\s*(?:\.\s*\??\s*([A-Za-z_]\w*)|\[\s*\??\s*(?:\\"|')([^"'\\]+))/g;

/**
 * Changes when a secret that a configuration text names has another value. Says nothing about the
 * values; empty when the text names none.
 */
export function fingerprintSecrets(text: string, secrets: SecretSource): string {
  const names = new Set([...text.matchAll(secretReference)].map(([, plain, quoted]) => plain ?? quoted ?? ""));
  if (names.size === 0) return "";
  const hash = createHash("sha256");
  for (const name of [...names].sort()) {
    hash.update(`${name}\0${printOf(name, secrets)}\0`);
  }
  return hash.digest("base64url");
}
