import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SecretSource, TenantSecrets } from "../../core/config-source.ts";
import { AppError } from "../../core/errors.ts";

export interface EnvironmentSecretsOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder with one file per secret, such as a mounted Kubernetes Secret. */
  readonly directory?: string | undefined;
}

const prefix = "PASSERELLE_SECRET_";

/** Names that can be a variable and a file, and never lead out of the folder. */
const namePattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
/** As documents write tenants; none leads out of the folder. */
const tenantPattern = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/;
const defaultTenant = "default";

/**
 * Secrets from `PASSERELLE_SECRET_NAME`, from the file that `PASSERELLE_SECRET_NAME_FILE` names, or
 * from the file NAME of a folder, in this order; one line break at the end of a file is not part of
 * the secret. Files are read on every call, so that a reload sees a rotated secret.
 *
 * By itself it is the source for documents of the operator's own, whatever tenant they name. Documents that others may
 * write get `forTenant`: `default` the same names without `__`, another tenant T what is called `T__NAME` in the
 * environment and `T/NAME` in the folder, so that nobody reads what was meant for somebody else.
 */
export class EnvironmentSecrets implements SecretSource, TenantSecrets {
  readonly #options: EnvironmentSecretsOptions;
  readonly #tenants = new Map<string, SecretSource>();

  constructor(options: EnvironmentSecretsOptions) {
    this.#options = options;
  }

  /** @throws AppError `invalid_configuration` when the file of a secret is there but cannot be read. */
  get(name: string): string | undefined {
    return namePattern.test(name) ? this.#read(name, name) : undefined;
  }

  /** Its `get` throws as that of the operator's own documents does. */
  forTenant(tenant: string): SecretSource {
    const known = this.#tenants.get(tenant);
    if (known !== undefined) return known;
    const source: SecretSource = { get: (name) => this.#getOf(tenant, name) };
    this.#tenants.set(tenant, source);
    return source;
  }

  async refresh(): Promise<void> {
    // Nothing is kept: every call reads.
  }

  #getOf(tenant: string, name: string): string | undefined {
    if (!namePattern.test(name) || !tenantPattern.test(tenant)) return undefined;
    const hasTenantSign = name.includes("__");
    if (tenant === defaultTenant) return hasTenantSign ? undefined : this.#read(name, name);
    // The last `__` of a variable ends the tenant, so that no two pairs of tenant and name make the same variable.
    const isPlain = !hasTenantSign && !name.startsWith("_");
    const variable = isPlain ? `${tenant.replace(/[^a-z0-9]/g, "_")}__${name}` : undefined;
    return this.#read(variable, join(tenant, name));
  }

  /** @param file below the folder */
  #read(variable: string | undefined, file: string): string | undefined {
    const { environment, directory } = this.#options;
    const value = variable === undefined ? undefined : environment[`${prefix}${variable}`];
    if (value !== undefined) return value;
    const named = variable === undefined ? undefined : environment[`${prefix}${variable}_FILE`];
    const path = named ?? (directory === undefined ? undefined : join(directory, file));
    return path === undefined ? undefined : readSecret(variable ?? file, path);
  }
}

/** No such file, or a part of its path is a file itself. */
const absentCodes: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR"]);

function readSecret(name: string, path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && absentCodes.has(cause.code)) return undefined;
    throw new AppError("invalid_configuration", `The file of the secret ${name} cannot be read.`, { cause });
  }
}
