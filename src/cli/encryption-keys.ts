import { join } from "node:path";
import { generatedSecret } from "../adapters/file/generated-secret.ts";
import type { Settings } from "../settings.ts";
import { CommandFailure, exitCodes } from "./exit-codes.ts";

const keyBytes = 32;

/** The keys of the settings; else the one in the state folder, which is made when it is not there. */
export async function encryptionKeys({ encryptionKeys: given, stateDir }: Settings): Promise<readonly Buffer[]> {
  if (given.length > 0) return given;
  if (stateDir === undefined) {
    throw new CommandFailure(
      exitCodes.problems,
      "secrets need a key: give PASSERELLE_ENCRYPTION_KEYS (`openssl rand -base64 32` makes one), or --state-dir for one that is made there",
    );
  }
  return [Buffer.from(await generatedSecret(join(stateDir, "encryption-key"), keyBytes), "base64")];
}
