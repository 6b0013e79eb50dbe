import { PushAnnouncer } from "../adapters/http/push-announcer.ts";
import { PushReceiver } from "../adapters/http/push-receiver.ts";
import { PollNotifier } from "../adapters/memory/poll-notifier.ts";
import { JoinedAnnouncer } from "../adapters/memory/joined-announcer.ts";
import { RedisChangeAnnouncer, RedisChangeNotifier } from "../adapters/redis/redis-change-feed.ts";
import { PostgresChangeAnnouncer, PostgresChangeNotifier } from "../adapters/sql/postgres-change-feed.ts";
import { WatchNotifier } from "../adapters/yaml/watch-notifier.ts";
import type { ChangeAnnouncer } from "../core/change-feed.ts";
import type { ConfigNotifier } from "../core/config-source.ts";
import { AppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { ReceiveNotice } from "../gateway/take-notice.ts";
import type { Settings } from "../settings.ts";
import { folderOf, isFolder } from "./stores.ts";

type FeedSettings = Pick<Settings, "redis" | "gatewayToken" | "notifyGateways" | "pollMs">;

const postgresScheme = /^postgres(?:ql)?:/;

/**
 * Every way in which the control plane tells gateways.
 *
 * @param databases addresses; PostgreSQL tells by itself
 * @throws AppError `invalid_configuration` for gateways to tell without the token that signs
 */
export function openAnnouncer(settings: FeedSettings, databases: ReadonlySet<string>, log: Log): JoinedAnnouncer {
  const { redis, gatewayToken: token, notifyGateways: gateways } = settings;
  const announcers: ChangeAnnouncer[] = [];
  if (redis !== undefined) announcers.push(new RedisChangeAnnouncer({ url: redis, log }));
  for (const address of databases) {
    if (postgresScheme.test(address)) announcers.push(new PostgresChangeAnnouncer({ address, log }));
  }
  if (gateways.length > 0) {
    if (token === undefined) {
      throw new AppError(
        "invalid_configuration",
        "Gateways are told over HTTP with a signature: give --gateway-token.",
      );
    }
    announcers.push(new PushAnnouncer({ gateways, token, log, clock: Date.now }));
  }
  return new JoinedAnnouncer(announcers);
}

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
    if (postgresScheme.test(address)) notifiers.push(new PostgresChangeNotifier({ address, log }));
  }
  if (store !== undefined && isFolder(store)) notifiers.push(new WatchNotifier([folderOf(store)]));
  const receiver = token === undefined ? undefined : new PushReceiver({ token, clock: Date.now });
  if (receiver !== undefined) notifiers.push(receiver);
  return { notifiers, receiveNotice: receiver && ((headers, body) => receiver.receive(headers, body)) };
}
