import type { SealedValues } from "../access/reseal-all.ts";
import { SecretCipher } from "../access/secret-cipher.ts";
import { migrate } from "../adapters/sql/migrate.ts";
import { SqlAuditLog } from "../adapters/sql/sql-audit-log.ts";
import { SqlDatabase } from "../adapters/sql/sql-database.ts";
import { SqlSealedTotp } from "../adapters/sql/sql-sealed-totp.ts";
import { SqlSecretStore } from "../adapters/sql/sql-secret-store.ts";
import type { AuditLog } from "../core/audit-log.ts";
import { AppError } from "../core/errors.ts";
import type { SecretStore } from "../core/secret-store.ts";
import type { Settings } from "../settings.ts";
import { encryptionKeys } from "./encryption-keys.ts";
import { CommandFailure, exitCodes } from "./exit-codes.ts";

/** What the commands on secrets work with. */
export interface SecretCommandParts {
  readonly secrets: SecretStore;
  /** Secrets of people's one-time passwords, which are sealed with the same keys. */
  readonly totp: SealedValues;
  readonly cipher: SecretCipher;
  readonly audit: AuditLog;
}

/** Opens the database of the settings for some work, and tells what goes wrong in a sentence. */
export async function withSecretParts<T>(
  settings: Settings,
  work: (parts: SecretCommandParts) => Promise<T>,
): Promise<T> {
  const database = new SqlDatabase(databaseOf(settings));
  try {
    await migrate(database);
    return await work({
      secrets: new SqlSecretStore(database, Date.now),
      totp: new SqlSealedTotp(database),
      cipher: new SecretCipher(await keysOf(settings)),
      audit: new SqlAuditLog(database),
    });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new CommandFailure(exitCodes.io, `${database.label}: ${error.message}`, { cause: error });
  } finally {
    await database.close();
  }
}

/** Lists and deletions need no key. */
async function keysOf(settings: Settings): Promise<readonly Buffer[]> {
  const { encryptionKeys: given, stateDir } = settings;
  return given.length === 0 && stateDir === undefined ? [] : encryptionKeys(settings);
}

function databaseOf({ database, store }: Settings): string {
  if (database !== undefined) return database;
  if (store !== undefined && !store.startsWith("yaml:")) return store;
  throw new CommandFailure(exitCodes.usage, "give the database that secrets are kept in with --database ADDRESS");
}
