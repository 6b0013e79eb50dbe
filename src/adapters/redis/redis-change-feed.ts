import { once } from "node:events";
import { Redis } from "ioredis";
import type { ChangeAnnouncer, ChangeTopic } from "../../core/change-feed.ts";
import type { ConfigNotifier } from "../../core/config-source.ts";
import type { Log } from "../../core/log.ts";
import { RareWarnings } from "../../core/rare-warnings.ts";
import { AnnouncementQueue } from "../memory/announcement-queue.ts";
import { startHeartbeat } from "../memory/heartbeat.ts";

export interface RedisChangeFeedOptions {
  /** `redis://…` or `rediss://…` */
  readonly url: string;
  readonly log: Log;
  /** Announcers and notifiers of one installation share it. `passerelle:changes` when absent. */
  readonly channel?: string | undefined;
  /** Longest time that a command waits for its answer; 2,000 when absent. */
  readonly deadlineMs?: number | undefined;
  /** How often a silent connection is asked whether it still is one; 10,000 when absent. */
  readonly heartbeatMs?: number | undefined;
}

const defaultChannel = "passerelle:changes";
const defaultDeadlineMs = 2_000;
const defaultHeartbeatMs = 10_000;
const maxPauseMs = 5_000;

/** Publishes changes. While Redis is away they are remembered, and published once it is back. */
export class RedisChangeAnnouncer implements ChangeAnnouncer {
  readonly #client: Redis;
  readonly #queue: AnnouncementQueue;

  /** Connects at once, and again whenever the connection is lost. */
  constructor(options: RedisChangeFeedOptions) {
    const { channel = defaultChannel, deadlineMs = defaultDeadlineMs } = options;
    const warn = warningsOf(options);
    const client = connect(options, warn);
    this.#client = client;
    this.#queue = new AnnouncementQueue({
      deadlineMs,
      send: (topics) => publish({ client, channel, topics, deadlineMs }),
      onFailure: warn,
    });
    client.on("ready", () => this.#queue.retry());
  }

  announce(topic: ChangeTopic): Promise<void> {
    return this.#queue.announce(topic);
  }

  async close(): Promise<void> {
    this.#queue.close();
    await end(this.#client);
  }
}

/** A hint for every message of the channel, and one after each connection: some may have been missed before it. */
export class RedisChangeNotifier implements ConfigNotifier {
  readonly #options: RedisChangeFeedOptions;
  #client: Redis | undefined;
  #stopHeartbeat: (() => void) | undefined;

  constructor(options: RedisChangeFeedOptions) {
    this.#options = options;
  }

  start(listener: () => void): void {
    const { channel = defaultChannel, heartbeatMs = defaultHeartbeatMs } = this.#options;
    const warn = warningsOf(this.#options);
    const client = connect(this.#options, warn);
    this.#client = client;
    const reconnect = (error: unknown): void => {
      if (this.#client === undefined) return;
      warn(error);
      client.disconnect(true);
    };
    client.on("message", () => listener());
    client.on("ready", () => {
      client.subscribe(channel).then(() => listener(), reconnect);
    });
    // While there is no connection, the client looks for one itself.
    const ask = async (): Promise<unknown> => (client.status === "ready" ? client.ping() : undefined);
    this.#stopHeartbeat = startHeartbeat(heartbeatMs, ask, reconnect);
  }

  async close(): Promise<void> {
    this.#stopHeartbeat?.();
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) await end(client);
  }
}

function connect(
  { url, deadlineMs = defaultDeadlineMs }: RedisChangeFeedOptions,
  warn: (error: unknown) => void,
): Redis {
  const client = new Redis(url, {
    connectTimeout: deadlineMs,
    commandTimeout: deadlineMs,
    disconnectTimeout: deadlineMs,
    // What cannot be sent now is our queue's business; what was subscribed is asked for anew with each connection.
    enableOfflineQueue: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: null,
    connectionName: "passerelle",
    retryStrategy: (attempt) => Math.min(maxPauseMs, 50 * 2 ** Math.min(attempt, 7)) * (0.5 + Math.random() / 2),
  });
  client.on("error", warn);
  return client;
}

interface Publication {
  readonly client: Redis;
  readonly channel: string;
  readonly topics: readonly ChangeTopic[];
  readonly deadlineMs: number;
}

async function publish({ client, channel, topics, deadlineMs }: Publication): Promise<void> {
  // An attempt to connect that fails meanwhile is an "error" event, which ends the waiting.
  if (client.status !== "ready") await once(client, "ready", { signal: AbortSignal.timeout(deadlineMs) });
  try {
    await Promise.all(topics.map((topic) => client.publish(channel, topic)));
  } catch (error) {
    // The connection may be one that nobody is at the other end of.
    client.disconnect(true);
    throw error;
  }
}

async function end(client: Redis, deadlineMs = defaultDeadlineMs): Promise<void> {
  // Between two attempts there is no socket whose end could be told.
  const isBetween = client.status === "reconnecting" || client.status === "end";
  const ended = isBetween ? undefined : once(client, "end", { signal: AbortSignal.timeout(2 * deadlineMs) });
  client.disconnect();
  // A socket that did not end by then has been destroyed.
  await ended?.catch(() => undefined);
}

function warningsOf({ url, log }: RedisChangeFeedOptions): (error: unknown) => void {
  const warnings = new RareWarnings(log, () => performance.now());
  const { host } = new URL(url);
  return (error) => warnings.warn("Redis does not tell of changes; gateways poll meanwhile", host, error);
}
