import type { Settings } from "../settings.ts";

/** What every process is started from. */
export interface ProcessParts {
  readonly settings: Settings;
  /** The first seals, the others open too; at least one. */
  readonly encryptionKeys: readonly Buffer[];
  /** Variables that secrets may be in. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** SQLite file of a state folder; undefined without a folder. */
export function stateDatabase({ stateDir }: Settings): string | undefined {
  return stateDir === undefined ? undefined : `sqlite:${stateDir}/passerelle.db`;
}
