import { MemoryChangeFeed } from "../adapters/memory/memory-change-feed.ts";
import { JoinedAnnouncer } from "../adapters/memory/joined-announcer.ts";
import { JoinedConfigReader } from "../adapters/memory/joined-config-reader.ts";
import { WatchNotifier } from "../adapters/yaml/watch-notifier.ts";
import { YamlConfigReader } from "../adapters/yaml/yaml-config-reader.ts";
import type { ConfigReader } from "../core/config-source.ts";
import { openAnnouncer } from "./announcers.ts";
import { type StartedApiserver, startApiserver } from "./apiserver.ts";
import { follow, storeSources } from "./followed-store.ts";
import { gatewayFeeds } from "./gateway-feeds.ts";
import { openProcessTelemetry, type RunningGateway, startGateway } from "./gateway.ts";
import { type ProcessParts, stateDatabase } from "./process-parts.ts";
import { folderOf, isFolder, openStores, storeAddresses } from "./stores.ts";

export interface JointProcess {
  readonly gateway: RunningGateway;
  readonly apiserver: StartedApiserver;
  /** Ends both, the control plane first. May be called twice. */
  close(): Promise<void>;
}

/**
 * Starts both planes over one store.
 *
 * @param own documents that are served besides and are in no store
 */
export async function startJointProcess(parts: ProcessParts, own: readonly ConfigReader[] = []): Promise<JointProcess> {
  const { settings, encryptionKeys, environment } = parts;
  const addresses = storeAddresses({ ...settings, fallback: stateDatabase(settings) });
  const { store, database } = addresses;
  const telemetry = openProcessTelemetry(settings);
  const { log } = telemetry;
  const stores = await openStores(addresses, log);
  const feed = new MemoryChangeFeed();
  // Gateways of other processes may follow the same store.
  const announcer = new JoinedAnnouncer([feed, openAnnouncer(settings, new Set([store, database]), log)]);
  const closeParts = async (): Promise<void> => {
    await announcer.close();
    await stores.close();
  };
  let gateway: RunningGateway | undefined;
  try {
    const { secretsDir, config } = settings;
    const baseDirectory = isFolder(store) ? folderOf(store) : undefined;
    const followed = follow(storeSources(stores), { encryptionKeys, environment, secretsDir, baseDirectory, log });
    const feeds = gatewayFeeds(settings, store, new Set([store, database]), log);
    gateway = await startGateway({
      settings,
      telemetry,
      ...followed,
      reader: new JoinedConfigReader([...own, new YamlConfigReader(config), followed.reader]),
      notifiers: [feed.notifier(), ...feeds.notifiers, ...(config.length === 0 ? [] : [new WatchNotifier(config)])],
      receiveNotice: feeds.receiveNotice,
    });
    const { secrets } = followed;
    const running = [gateway.upstreams];
    const apiserver = await startApiserver({
      settings,
      encryptionKeys,
      stores,
      announcer,
      secrets,
      telemetry,
      running,
    });
    return { gateway, apiserver, close: closingOnce(gateway, apiserver, closeParts) };
  } catch (error) {
    await (gateway?.close() ?? telemetry.close());
    await closeParts();
    throw error;
  }
}

function closingOnce(
  gateway: RunningGateway,
  apiserver: StartedApiserver,
  closeParts: () => Promise<void>,
): () => Promise<void> {
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await apiserver.close();
    await gateway.close();
    await closeParts();
  };
  return () => {
    closing ??= close();
    return closing;
  };
}
