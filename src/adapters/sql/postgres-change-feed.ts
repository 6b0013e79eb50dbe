import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { ChangeAnnouncer, ChangeTopic } from "../../core/change-feed.ts";
import type { ConfigNotifier } from "../../core/config-source.ts";
import type { Log } from "../../core/log.ts";
import { RareWarnings } from "../../core/rare-warnings.ts";
import { AnnouncementQueue } from "../memory/announcement-queue.ts";
import { startHeartbeat } from "../memory/heartbeat.ts";
import { PostgresLine } from "./postgres-line.ts";

export interface PostgresChangeFeedOptions {
  /** `postgres://…`: of a server itself, since poolers that share connections between transactions cannot listen. */
  readonly address: string;
  readonly log: Log;
  /** Longest time for connecting, and for one statement; 2,000 when absent. */
  readonly deadlineMs?: number | undefined;
  /** How often a silent connection is asked whether it still is one; 10,000 when absent. */
  readonly heartbeatMs?: number | undefined;
}

/** Channels belong to a database, so that one name does for all installations. */
const channel = "passerelle_changes";
const defaultDeadlineMs = 2_000;
const defaultHeartbeatMs = 10_000;
const minPauseMs = 50;
const maxPauseMs = 5_000;

/** NOTIFY over a connection of its own, which is opened by the first announcement. */
export class PostgresChangeAnnouncer implements ChangeAnnouncer {
  readonly #queue: AnnouncementQueue;
  readonly #open: () => Promise<PostgresLine>;
  #line: PostgresLine | undefined;
  #isClosed = false;

  constructor(options: PostgresChangeFeedOptions) {
    const { address, deadlineMs = defaultDeadlineMs } = options;
    this.#open = () => PostgresLine.open({ address, deadlineMs });
    this.#queue = new AnnouncementQueue({
      deadlineMs,
      send: (topics) => this.#notify(topics),
      onFailure: warningsOf(options),
    });
  }

  announce(topic: ChangeTopic): Promise<void> {
    return this.#queue.announce(topic);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#queue.close();
    this.#line?.destroy();
  }

  async #notify(topics: readonly ChangeTopic[]): Promise<void> {
    const line = (this.#line ??= await this.#opened());
    try {
      await line.query("select pg_notify($1, $2)", [channel, topics.join(" ")]);
    } catch (error) {
      line.destroy();
      throw error;
    }
  }

  async #opened(): Promise<PostgresLine> {
    const line = await this.#open();
    if (this.#isClosed) line.destroy();
    void line.ended.then(() => {
      if (this.#line === line) this.#line = undefined;
    });
    return line;
  }
}

/**
 * LISTEN on a connection of its own. A hint for every notice, and one after each connection: some may have been missed
 * before it.
 */
export class PostgresChangeNotifier implements ConfigNotifier {
  readonly #options: PostgresChangeFeedOptions;
  readonly #closing = new AbortController();
  #following: Promise<void> = Promise.resolve();

  constructor(options: PostgresChangeFeedOptions) {
    this.#options = options;
  }

  start(listener: () => void): void {
    this.#following = this.#follow(listener);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#following;
  }

  async #follow(listener: () => void): Promise<void> {
    const { signal } = this.#closing;
    const warn = warningsOf(this.#options);
    let pauseMs = minPauseMs;
    while (!signal.aborted) {
      try {
        await this.#listen(() => {
          pauseMs = minPauseMs;
          if (!signal.aborted) listener();
        });
      } catch (error) {
        if (!signal.aborted) warn(error);
      }
      // Aborted by `close`, which is no failure.
      await delay(pauseMs * (0.5 + Math.random() / 2), undefined, { signal, ref: false }).catch(() => undefined);
      pauseMs = Math.min(maxPauseMs, pauseMs * 2);
    }
  }

  /** Until the connection is lost, which throws, or `close`. */
  async #listen(hint: () => void): Promise<void> {
    const { address, deadlineMs = defaultDeadlineMs, heartbeatMs = defaultHeartbeatMs } = this.#options;
    const { signal } = this.#closing;
    const line = await PostgresLine.open({ address, deadlineMs, onNotice: hint });
    let stopHeartbeat: (() => void) | undefined;
    try {
      await line.query(`listen ${channel}`);
      stopHeartbeat = startHeartbeat(
        heartbeatMs,
        () => line.query("select 1"),
        () => line.destroy(),
      );
      hint();
      if (!signal.aborted) await Promise.race([line.ended, once(signal, "abort")]);
    } finally {
      stopHeartbeat?.();
      line.destroy();
    }
    if (!signal.aborted) throw new Error("the connection that listens for changes was lost");
  }
}

function warningsOf({ address, log }: PostgresChangeFeedOptions): (error: unknown) => void {
  const warnings = new RareWarnings(log, () => performance.now());
  const { host } = new URL(address);
  return (error) => warnings.warn("PostgreSQL does not tell of changes; gateways poll meanwhile", host, error);
}
