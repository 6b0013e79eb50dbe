import type { Settings } from "../settings.ts";
import { type StartedApiserver, startApiserver } from "./apiserver.ts";
import { openAnnouncer } from "./change-feeds.ts";
import { followStore } from "./followed-store.ts";
import { openProcessTelemetry } from "./gateway.ts";
import { openStores, storeAddresses } from "./stores.ts";

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

/** Starts a control plane with all that it needs; closing it closes that too. */
export async function startApiserverProcess(parts: ProcessParts): Promise<StartedApiserver> {
  const { settings, encryptionKeys, environment } = parts;
  const addresses = storeAddresses({ ...settings, fallback: stateDatabase(settings) });
  const telemetry = openProcessTelemetry(settings);
  const { log } = telemetry;
  const stores = await openStores(addresses, log);
  const announcer = openAnnouncer(settings, new Set([addresses.store, addresses.database]), log);
  const closeParts = async (): Promise<void> => {
    await announcer.close();
    await stores.close();
    await telemetry.close();
  };
  try {
    const { secretsDir } = settings;
    const { secrets } = followStore({ stores, store: addresses.store, encryptionKeys, environment, secretsDir, log });
    const apiserver = await startApiserver({ settings, encryptionKeys, stores, announcer, secrets, telemetry });
    return {
      ...apiserver,
      close: async () => {
        await apiserver.close();
        await closeParts();
      },
    };
  } catch (error) {
    await closeParts();
    throw error;
  }
}
