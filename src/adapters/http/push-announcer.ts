import { randomBytes } from "node:crypto";
import { Agent, request } from "undici";
import type { ChangeAnnouncer, ChangeTopic } from "../../core/change-feed.ts";
import type { Log } from "../../core/log.ts";
import { noticeHeaders, signNotice } from "../../core/notice-signature.ts";
import { RareWarnings } from "../../core/rare-warnings.ts";
import { AnnouncementQueue } from "../memory/announcement-queue.ts";

export interface PushAnnouncerOptions {
  /** Operations addresses of gateways, without `/` at the end. */
  readonly gateways: readonly string[];
  /** Shared with the gateways: signs notices, is never sent. */
  readonly token: string;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Longest time for one gateway; 2,000 when absent. */
  readonly deadlineMs?: number | undefined;
}

const defaultDeadlineMs = 2_000;
const idBytes = 18;

/** Tells gateways over HTTP, all beside each other: one that is slow or away does not hold up the others. */
export class PushAnnouncer implements ChangeAnnouncer {
  readonly #options: PushAnnouncerOptions;
  readonly #warnings: RareWarnings;
  /** Notices are seldom: a connection of its own for each cannot be one that the gateway is just closing. */
  readonly #agent = new Agent({ pipelining: 0 });
  readonly #queues: readonly AnnouncementQueue[];

  constructor(options: PushAnnouncerOptions) {
    this.#options = options;
    this.#warnings = new RareWarnings(options.log, options.clock);
    this.#queues = options.gateways.map((gateway) => this.#queueOf(gateway));
  }

  async announce(topic: ChangeTopic): Promise<void> {
    await Promise.all(this.#queues.map((queue) => queue.announce(topic)));
  }

  async close(): Promise<void> {
    for (const queue of this.#queues) queue.close();
    await this.#agent.destroy();
  }

  #queueOf(gateway: string): AnnouncementQueue {
    return new AnnouncementQueue({
      deadlineMs: this.#options.deadlineMs ?? defaultDeadlineMs,
      send: (topics) => this.#send(gateway, topics),
      onFailure: (error) =>
        this.#warnings.warn("a gateway was not told of a change; it polls meanwhile", gateway, error),
    });
  }

  async #send(gateway: string, topics: readonly ChangeTopic[]): Promise<void> {
    const { token, clock, deadlineMs = defaultDeadlineMs } = this.#options;
    const notice = {
      id: randomBytes(idBytes).toString("base64url"),
      timestamp: String(Math.floor(clock() / 1_000)),
      body: JSON.stringify({ topics }),
    };
    const { statusCode, body } = await request(`${gateway}/notify`, {
      method: "POST",
      dispatcher: this.#agent,
      signal: AbortSignal.timeout(deadlineMs),
      headers: {
        "content-type": "application/json",
        [noticeHeaders.id]: notice.id,
        [noticeHeaders.timestamp]: notice.timestamp,
        [noticeHeaders.signature]: signNotice(token, notice),
      },
      body: notice.body,
    });
    await body.dump({ limit: 65_536 });
    if (statusCode !== 204) throw new Error(`the gateway answered ${statusCode}`);
  }
}
