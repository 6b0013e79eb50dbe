import { type ConversationStore, streamingBeat } from "../../core/conversation-store.ts";
import type { Log } from "../../core/log.ts";

export interface ConversationSweeperOptions {
  readonly conversations: Pick<ConversationStore, "interruptStreaming" | "purge">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
}

const sweepEveryMs = 30_000;

/**
 * Marks answers whose process died as interrupted, and removes what belonged to people and tenants that were deleted:
 * at the start, then every half minute. Every apiserver does so for all; a message that is being written by another
 * one beats in time and is left alone.
 */
export class ConversationSweeper {
  readonly #options: ConversationSweeperOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: ConversationSweeperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Ends the timer and waits for a run that has begun. May be called twice. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  /** One run; fails with `unavailable` when the store does not answer. */
  async sweep(): Promise<{ readonly interrupted: number; readonly purged: number }> {
    const { conversations, now } = this.#options;
    const interrupted = await conversations.interruptStreaming(now() - streamingBeat.lostAfterMs);
    return { interrupted, purged: await conversations.purge() };
  }

  async #run(): Promise<void> {
    const { log } = this.#options;
    try {
      const swept = await this.sweep();
      if (swept.interrupted + swept.purged > 0) log.info("conversations swept", swept);
    } catch (error) {
      log.warn("conversations were not swept; it is tried again soon", { error });
    }
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#run();
    }, sweepEveryMs).unref();
  }
}
