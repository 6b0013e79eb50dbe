import { YamlConfigReader } from "../adapters/yaml/yaml-config-reader.ts";
import type { ConfigRead } from "../core/config-source.ts";
import { AppError } from "../core/errors.ts";
import { CommandFailure, exitCodes } from "./exit-codes.ts";

/** Reads the documents of paths once. Fails with `CommandFailure` when a path cannot be read. */
export async function readDocuments(paths: readonly string[]): Promise<ConfigRead> {
  try {
    return await new YamlConfigReader(paths).read();
  } catch (cause) {
    if (cause instanceof AppError) throw new CommandFailure(exitCodes.io, cause.message, { cause });
    throw cause;
  }
}
