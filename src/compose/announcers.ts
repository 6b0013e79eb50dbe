import { PushAnnouncer } from "../adapters/http/push-announcer.ts";
import { JoinedAnnouncer } from "../adapters/memory/joined-announcer.ts";
import { RedisChangeAnnouncer } from "../adapters/redis/redis-change-feed.ts";
import { PostgresChangeAnnouncer } from "../adapters/sql/postgres-change-feed.ts";
import type { ChangeAnnouncer } from "../core/change-feed.ts";
import { AppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Settings } from "../settings.ts";
import { isPostgres } from "./stores.ts";

type AnnouncerSettings = Pick<Settings, "redis" | "gatewayToken" | "notifyGateways">;

/**
 * Every way in which the control plane tells gateways.
 *
 * @param databases addresses; PostgreSQL tells by itself
 * @throws AppError `invalid_configuration` for gateways to tell without the token that signs
 */
export function openAnnouncer(settings: AnnouncerSettings, databases: ReadonlySet<string>, log: Log): JoinedAnnouncer {
  const { redis, gatewayToken: token, notifyGateways: gateways } = settings;
  const announcers: ChangeAnnouncer[] = [];
  if (redis !== undefined) announcers.push(new RedisChangeAnnouncer({ url: redis, log }));
  for (const address of databases) {
    if (isPostgres(address)) announcers.push(new PostgresChangeAnnouncer({ address, log }));
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
