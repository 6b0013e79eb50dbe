import { type StartedApiserver, startApiserver } from "./apiserver.ts";
import { SqlSecretStore } from "../adapters/sql/sql-secret-store.ts";
import { openAnnouncer } from "./announcers.ts";
import { tenantSecrets } from "./followed-store.ts";
import { openProcessTelemetry } from "./gateway.ts";
import { type ProcessParts, stateDatabase } from "./process-parts.ts";
import { openStores, storeAddresses } from "./stores.ts";

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
    const source = new SqlSecretStore(stores.database, Date.now);
    const secrets = tenantSecrets(source, { encryptionKeys, environment, secretsDir, log });
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
