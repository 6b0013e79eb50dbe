import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { PushAnnouncer } from "../../src/adapters/http/push-announcer.ts";
import { PushReceiver } from "../../src/adapters/http/push-receiver.ts";
import { MemoryChangeFeed } from "../../src/adapters/memory/memory-change-feed.ts";
import { RedisChangeAnnouncer, RedisChangeNotifier } from "../../src/adapters/redis/redis-change-feed.ts";
import { PostgresChangeAnnouncer, PostgresChangeNotifier } from "../../src/adapters/sql/postgres-change-feed.ts";
import type { ChangeAnnouncer } from "../../src/core/change-feed.ts";
import type { ConfigNotifier } from "../../src/core/config-source.ts";
import type { Log } from "../../src/core/log.ts";
import { takeNotice } from "../../src/gateway/take-notice.ts";
import { databaseKinds } from "../fixtures/databases.ts";
import { findRedis } from "../fixtures/redis.ts";
import { openRelay, type TcpRelay } from "../fixtures/tcp-relay.ts";

/** One announcer and two who listen, as three processes would have them. */
export interface OpenFeed {
  readonly announcer: ChangeAnnouncer;
  readonly notifiers: readonly [ConfigNotifier, ConfigNotifier];
  /** What the messages go over; none within a process. */
  readonly relays: readonly TcpRelay[];
  /** Ends what was opened besides announcer and notifiers. */
  readonly close: () => Promise<void>;
}

export interface FeedKind {
  readonly name: string;
  /** Why it is skipped; undefined when it is there. */
  readonly missing: string | undefined;
  /** Listeners hold a connection, which a hint follows each time that it is made. */
  readonly isConnected: boolean;
  open(log: Log): Promise<OpenFeed>;
}

/** Longest time that an announcer of these feeds waits. */
export const deadlineMs = 1_000;
/** How often listeners of these feeds look whether their connection is alive. */
const heartbeatMs = 200;

export async function changeFeedKinds(): Promise<readonly FeedKind[]> {
  const redis = await findRedis();
  const postgres = (await databaseKinds()).find(({ name }) => name === "PostgreSQL");
  return [
    { name: "memory", missing: undefined, isConnected: false, open: openMemory },
    { name: "HTTP", missing: undefined, isConnected: false, open: openPush },
    { name: "Redis", missing: redis.missing, isConnected: true, open: (log) => openRedis(redis.url, log) },
    {
      name: "PostgreSQL",
      missing: postgres === undefined ? "not tested here" : postgres.missing,
      isConnected: true,
      open: async (log) => {
        const database = await postgres?.create();
        if (database === undefined) throw new Error("skipped");
        const feed = await openPostgres(database.address, log);
        return {
          ...feed,
          close: async () => {
            await feed.close();
            await database.drop();
          },
        };
      },
    },
  ];
}

async function openMemory(): Promise<OpenFeed> {
  const announcer = new MemoryChangeFeed();
  return {
    announcer,
    notifiers: [announcer.notifier(), announcer.notifier()],
    relays: [],
    close: async () => undefined,
  };
}

async function openRedis(url: string, log: Log): Promise<OpenFeed> {
  const relay = await openRelay(Number(new URL(url).port || 6379));
  const through = new URL(url);
  through.host = `127.0.0.1:${relay.port}`;
  const channel = `passerelle-test:${randomBytes(6).toString("hex")}`;
  const options = { url: through.href, channel, deadlineMs, heartbeatMs, log };
  return {
    announcer: new RedisChangeAnnouncer(options),
    notifiers: [new RedisChangeNotifier(options), new RedisChangeNotifier(options)],
    relays: [relay],
    close: () => relay.close(),
  };
}

async function openPostgres(address: string, log: Log): Promise<OpenFeed> {
  const relay = await openRelay(Number(new URL(address).port || 5432));
  const through = new URL(address);
  through.host = `127.0.0.1:${relay.port}`;
  const options = { address: through.href, deadlineMs, heartbeatMs, log };
  return {
    announcer: new PostgresChangeAnnouncer(options),
    notifiers: [new PostgresChangeNotifier(options), new PostgresChangeNotifier(options)],
    relays: [relay],
    close: () => relay.close(),
  };
}

const token = "a token that apiserver and gateways share";

async function openPush(log: Log): Promise<OpenFeed> {
  const gateways = await Promise.all([openReceiver(), openReceiver()]);
  const [one, other] = gateways;
  const announcer = new PushAnnouncer({
    gateways: gateways.map(({ relay }) => `http://127.0.0.1:${relay.port}`),
    token,
    log,
    clock: Date.now,
    deadlineMs,
  });
  return {
    announcer,
    notifiers: [one.receiver, other.receiver],
    relays: gateways.map(({ relay }) => relay),
    close: async () => {
      for (const { relay, server } of gateways) {
        await relay.close();
        server.closeAllConnections();
        server.close();
        await once(server, "close");
      }
    },
  };
}

async function openReceiver(): Promise<{ receiver: PushReceiver; relay: TcpRelay; server: Server }> {
  const receiver = new PushReceiver({ token, clock: Date.now });
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    takeNotice(request, response, (headers, body) => receiver.receive(headers, body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { receiver, relay: await openRelay((server.address() as AddressInfo).port), server }; // TCP has an AddressInfo
}
