import { PushReceiver } from "../adapters/http/push-receiver.ts";
import { PollNotifier } from "../adapters/memory/poll-notifier.ts";
import { RedisChangeNotifier } from "../adapters/redis/redis-change-feed.ts";
import { PostgresChangeNotifier } from "../adapters/sql/postgres-change-feed.ts";
import { WatchNotifier } from "../adapters/yaml/watch-notifier.ts";
import type { ConfigNotifier } from "../core/config-source.ts";
import type { Log } from "../core/log.ts";
import type { ReceiveNotice } from "../gateway/take-notice.ts";
import type { Settings } from "../settings.ts";
import { folderOf, isFolder, isPostgres } from "./stores.ts";

type FeedSettings = Pick<Settings, "redis" | "gatewayToken" | "pollMs">;

/** Every way in which a gateway hears of changes, the slow poll below them included. */
export interface GatewayFeeds {
  readonly notifiers: readonly ConfigNotifier[];
  /** For the operations port; absent without a token. */
  readonly receiveNotice: ReceiveNotice | undefined;
}

/** @param databases addresses that the gateway reads from itself */
export function gatewayFeeds(
  settings: FeedSettings,
  store: string | undefined,
  databases: ReadonlySet<string>,
  log: Log,
): GatewayFeeds {
  const { redis, gatewayToken: token, pollMs } = settings;
  const notifiers: ConfigNotifier[] = [new PollNotifier(pollMs)];
  if (redis !== undefined) notifiers.push(new RedisChangeNotifier({ url: redis, log }));
  for (const address of databases) {
    if (isPostgres(address)) notifiers.push(new PostgresChangeNotifier({ address, log }));
  }
  if (store !== undefined && isFolder(store)) notifiers.push(new WatchNotifier([folderOf(store)]));
  const receiver = token === undefined ? undefined : new PushReceiver({ token, clock: Date.now });
  if (receiver !== undefined) notifiers.push(receiver);
  return { notifiers, receiveNotice: receiver && ((headers, body) => receiver.receive(headers, body)) };
}
