import { createHash } from "node:crypto";
import type { SecretSource, TenantSecrets } from "../../core/config-source.ts";
import { AppError } from "../../core/errors.ts";

/**
 * The secrets as they are during one load. A source may read a file for each answer: every name of a tenant is asked
 * for once, however many documents use it.
 */
export class SecretPrints {
  readonly #secrets: TenantSecrets;
  readonly #prints = new Map<string, Map<string, string>>();

  constructor(secrets: TenantSecrets) {
    this.#secrets = secrets;
  }

  /** Equal as long as these secrets of the tenant have the same values. Says nothing about the values. */
  of(tenant: string, names: readonly string[]): string {
    if (names.length === 0) return "";
    let prints = this.#prints.get(tenant);
    if (prints === undefined) {
      prints = new Map();
      this.#prints.set(tenant, prints);
    }
    let all = "";
    for (const name of names) {
      let print = prints.get(name);
      if (print === undefined) {
        print = printOf(name, this.#secrets.forTenant(tenant));
        prints.set(name, print);
      }
      all += `${print} `;
    }
    return all;
  }
}

/** Changes with the value of a secret, and says nothing about it. */
export function printOf(name: string, secrets: SecretSource): string {
  try {
    const value = secrets.get(name);
    return value === undefined ? "absent" : createHash("sha256").update(value).digest("base64url");
  } catch (error) {
    if (error instanceof AppError) return "unreadable"; // a problem of the documents that name it
    throw error;
  }
}
