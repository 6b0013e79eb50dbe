import { EnvironmentSecrets } from "../adapters/env/secret-source.ts";
import { JoinedConfigReader } from "../adapters/memory/joined-config-reader.ts";
import { WatchNotifier } from "../adapters/yaml/watch-notifier.ts";
import { YamlConfigReader } from "../adapters/yaml/yaml-config-reader.ts";
import { sameForAll } from "../core/config-source.ts";
import { type ProcessParts, stateDatabase } from "./apiserver-process.ts";
import { gatewayFeeds } from "./change-feeds.ts";
import { followStore } from "./followed-store.ts";
import { openProcessTelemetry, type RunningGateway, startGateway } from "./gateway.ts";
import { openStores, storeAddresses } from "./stores.ts";

/** Starts a data plane over files alone: nobody writes them but their operator, who may use every secret. */
export function startFileGateway({
  settings,
  environment,
}: Omit<ProcessParts, "encryptionKeys">): Promise<RunningGateway> {
  return startGateway({
    settings,
    reader: new YamlConfigReader(settings.config),
    notifiers: [new WatchNotifier(settings.config)],
    secrets: sameForAll(new EnvironmentSecrets({ environment, directory: settings.secretsDir })),
  });
}

/** Starts a data plane that follows a store, with the files of the settings besides; closing it closes the store. */
export async function startStoreGateway(parts: ProcessParts): Promise<RunningGateway> {
  const { settings, encryptionKeys, environment } = parts;
  const addresses = storeAddresses({ ...settings, fallback: stateDatabase(settings) });
  const telemetry = openProcessTelemetry(settings);
  const { log } = telemetry;
  const stores = await openStores(addresses, log);
  try {
    const { secretsDir, config } = settings;
    const followed = followStore({ stores, store: addresses.store, encryptionKeys, environment, secretsDir, log });
    const feeds = gatewayFeeds(settings, addresses.store, new Set([addresses.store, addresses.database]), log);
    const gateway = await startGateway({
      settings,
      telemetry,
      ...followed,
      reader: new JoinedConfigReader([new YamlConfigReader(config), followed.reader]),
      notifiers: [...feeds.notifiers, ...(config.length === 0 ? [] : [new WatchNotifier(config)])],
      receiveNotice: feeds.receiveNotice,
    });
    return {
      ...gateway,
      close: async () => {
        await gateway.close();
        await stores.close();
      },
    };
  } catch (error) {
    await stores.close();
    await telemetry.close();
    throw error;
  }
}
