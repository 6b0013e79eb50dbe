import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SecretSource } from "../../core/config-source.ts";
import { AppError } from "../../core/errors.ts";

export interface EnvironmentSecretsOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder with one file per secret, such as a mounted Kubernetes Secret. */
  readonly directory?: string | undefined;
}

const prefix = "PASSERELLE_SECRET_";

/** Names that can be a variable and a file, and never lead out of the folder. */
const namePattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/**
 * Secrets from `PASSERELLE_SECRET_NAME`, from the file that `PASSERELLE_SECRET_NAME_FILE` names, or
 * from the file NAME of a folder, in this order; one line break at the end of a file is not part of
 * the secret. Files are read on every call, so that a reload sees a rotated secret.
 */
export class EnvironmentSecrets implements SecretSource {
  readonly #options: EnvironmentSecretsOptions;

  constructor(options: EnvironmentSecretsOptions) {
    this.#options = options;
  }

  /** @throws AppError `invalid_configuration` when the file of a secret is there but cannot be read. */
  get(name: string): string | undefined {
    if (!namePattern.test(name)) return undefined;
    const { environment, directory } = this.#options;
    const value = environment[`${prefix}${name}`];
    if (value !== undefined) return value;
    const path = environment[`${prefix}${name}_FILE`] ?? (directory === undefined ? undefined : join(directory, name));
    return path === undefined ? undefined : readSecret(name, path);
  }
}

function readSecret(name: string, path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new AppError("invalid_configuration", `The file of the secret ${name} cannot be read.`, { cause });
  }
}
