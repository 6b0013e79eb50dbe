import { LastGoodCopy } from "../adapters/file/last-good-copy.ts";
import { ControlPlaneLine } from "../adapters/http/control-plane-line.ts";
import { JoinedConfigReader } from "../adapters/memory/joined-config-reader.ts";
import { WatchNotifier } from "../adapters/yaml/watch-notifier.ts";
import { YamlConfigReader } from "../adapters/yaml/yaml-config-reader.ts";
import { AppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Settings } from "../settings.ts";
import { apiserverSources, follow, type FollowedSources, storeSources, withCopy } from "./followed-store.ts";
import { gatewayFeeds } from "./gateway-feeds.ts";
import { openProcessTelemetry, type RunningGateway, startGateway } from "./gateway.ts";
import { type ProcessParts, stateDatabase } from "./process-parts.ts";
import { folderOf, isFolder, openStores, storeAddresses } from "./stores.ts";

/**
 * Starts a data plane that follows a store or an apiserver, with the files of the settings besides. With a state
 * folder it keeps a copy of what it read, and starts from that while nothing answers.
 */
export async function startStoreGateway(parts: ProcessParts): Promise<RunningGateway> {
  const { settings, encryptionKeys, environment } = parts;
  const telemetry = openProcessTelemetry(settings);
  const { log } = telemetry;
  const copy = settings.stateDir === undefined ? undefined : await LastGoodCopy.open(settings.stateDir, log);
  const origin =
    settings.apiserver === undefined ? await openStore(settings, copy !== undefined, log) : openLine(settings);
  const closeParts = async (): Promise<void> => {
    await copy?.close();
    await origin.close();
  };
  try {
    const { secretsDir, config } = settings;
    const sources = copy === undefined ? origin.sources : withCopy(origin.sources, copy);
    const { baseDirectory } = origin;
    const followed = follow(sources, { encryptionKeys, environment, secretsDir, baseDirectory, log });
    const feeds = gatewayFeeds(settings, origin.store, origin.addresses, log);
    const gateway = await startGateway({
      settings,
      telemetry,
      ...followed,
      reader:
        config.length === 0 ? followed.reader : new JoinedConfigReader([new YamlConfigReader(config), followed.reader]),
      notifiers: [...feeds.notifiers, ...(config.length === 0 ? [] : [new WatchNotifier(config)])],
      receiveNotice: feeds.receiveNotice,
    });
    return {
      ...gateway,
      close: async () => {
        await gateway.close();
        await closeParts();
      },
    };
  } catch (error) {
    await closeParts();
    await telemetry.close();
    throw error;
  }
}

/** Where the gateway reads from. */
interface Origin {
  readonly sources: FollowedSources;
  /** Address of the store; undefined when it is an apiserver that is asked. */
  readonly store: string | undefined;
  /** Addresses of databases, which may tell of changes. */
  readonly addresses: ReadonlySet<string>;
  readonly baseDirectory: string | undefined;
  close(): Promise<void>;
}

async function openStore(settings: Settings, mayBeAway: boolean, log: Log): Promise<Origin> {
  const addresses = storeAddresses({ ...settings, fallback: stateDatabase(settings) });
  const stores = await openStores(addresses, log, mayBeAway);
  const { store, database } = addresses;
  return {
    sources: storeSources(stores),
    store,
    addresses: new Set([store, database]),
    baseDirectory: isFolder(store) ? folderOf(store) : undefined,
    close: () => stores.close(),
  };
}

function openLine({ apiserver: url, gatewayToken: token }: Settings): Origin {
  if (url === undefined || token === undefined) {
    throw new AppError(
      "invalid_configuration",
      "An apiserver is asked with the token of gateways: give --gateway-token.",
    );
  }
  const line = new ControlPlaneLine({ url, token });
  return {
    sources: apiserverSources(line),
    store: undefined,
    addresses: new Set(),
    baseDirectory: undefined,
    close: () => line.close(),
  };
}
