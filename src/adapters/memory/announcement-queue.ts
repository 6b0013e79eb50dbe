import type { ChangeTopic } from "../../core/change-feed.ts";

export interface AnnouncementQueueOptions {
  /** Tells of these topics over the transport. What it answers after the deadline counts no more. */
  readonly send: (topics: readonly ChangeTopic[]) => Promise<void>;
  /** Longest time that `announce` waits, and that one sending may take. */
  readonly deadlineMs: number;
  readonly onFailure: (error: unknown) => void;
}

/**
 * What every announcer over a network does: one sending at a time, and what is announced meanwhile goes out together
 * right after it. Topics that could not be sent go along with the next sending.
 */
export class AnnouncementQueue {
  readonly #options: AnnouncementQueueOptions;
  readonly #due = new Set<ChangeTopic>();
  readonly #waiting = new Set<() => void>();
  #isSending = false;
  #isClosed = false;

  constructor(options: AnnouncementQueueOptions) {
    this.#options = options;
  }

  /** Resolves when a sending that began afterwards has ended, well or badly, and at the deadline in any case. */
  announce(topic: ChangeTopic): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#due.add(topic);
    const { deadlineMs, onFailure } = this.#options;
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(() => {
        onFailure(new Error(`nothing was sent within ${deadlineMs} ms`));
        done();
      }, deadlineMs);
      this.#waiting.add(done);
      void this.#sendAll();
    });
  }

  /** The transport works again: sends what could not be sent. */
  retry(): void {
    if (this.#due.size > 0) void this.#sendAll();
  }

  /** Nobody waits any longer. */
  close(): void {
    this.#isClosed = true;
    this.#due.clear();
    for (const done of this.#waiting) done();
  }

  async #sendAll(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    do {
      const topics = [...this.#due];
      const waiting = [...this.#waiting];
      this.#due.clear();
      try {
        await within(this.#options.deadlineMs, this.#options.send(topics));
      } catch (error) {
        if (!this.#isClosed) {
          this.#options.onFailure(error);
          for (const topic of topics) this.#due.add(topic);
        }
      }
      for (const done of waiting) done();
    } while (this.#waiting.size > 0);
    this.#isSending = false;
  }
}

async function within(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
