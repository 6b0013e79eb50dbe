import type { AuditLog } from "../core/audit-log.ts";
import type { ConfigStore } from "../core/config-store.ts";
import type { IdempotencyStore } from "../core/idempotency-store.ts";
import type { Log } from "../core/log.ts";
import type { SettingStore } from "../core/setting-store.ts";
import { readSettings } from "./instance-settings.ts";
import { forgetExpired } from "./sign-in/forget-expired.ts";

export interface PrunerOptions {
  readonly settings: SettingStore;
  readonly documents: Pick<ConfigStore, "prune">;
  readonly audit: Pick<AuditLog, "prune">;
  readonly idempotency: Pick<IdempotencyStore, "prune">;
  /** Whose sign-ins, links and failures are over. */
  readonly people: Parameters<typeof forgetExpired>[0];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
}

const dayMs = 24 * 3_600_000;
/** A process that starts has better things to do at first. */
const firstAfterMs = 10 * 60_000;

/** Forgets what the settings of the instance say: some minutes after the start, then daily. Several may run at once. */
export class Pruner {
  readonly #options: PrunerOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: PrunerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#schedule(firstAfterMs);
  }

  /** Ends the timer and waits for a run that has begun. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#running;
  }

  /** One run. Fails with `unavailable` when a store does not answer; what was forgotten until then is. */
  async prune(): Promise<{ readonly versions: number; readonly auditEntries: number }> {
    const { settings, documents, audit, idempotency, people, now } = this.#options;
    const { versions, audit: auditSettings } = (await readSettings(settings)).settings;
    await idempotency.prune();
    await forgetExpired(people);
    return {
      versions: await documents.prune({
        keepVersions: versions.keep,
        keepSince: now() - versions.keepDays * dayMs,
      }),
      auditEntries: await audit.prune(now() - auditSettings.keepDays * dayMs),
    };
  }

  #schedule(afterMs: number): void {
    this.#timer = setTimeout(() => {
      this.#running = this.#run();
    }, afterMs).unref();
  }

  async #run(): Promise<void> {
    try {
      this.#options.log.info("pruned", await this.prune());
    } catch (error) {
      this.#options.log.warn("pruning failed; it is tried again tomorrow", { error });
    }
    this.#schedule(dayMs);
  }
}
