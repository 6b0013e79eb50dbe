import type { ConfigNotifier } from "../../core/config-source.ts";

/** Time, chance and timers, as they are passed in. */
export interface PollClock {
  /** Milliseconds that never go back. */
  now(): number;
  /** 0 (inclusive) to 1 (exclusive). */
  random(): number;
  /** Answers how to cancel. */
  after(delayMs: number, run: () => void): () => void;
}

const processClock: PollClock = {
  now: () => performance.now(),
  random: () => Math.random(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs).unref();
    return () => clearTimeout(timer);
  },
};

/** Share of the interval that a hint may come late, so that gateways that started together do not ask together. */
const jitter = 0.2;

/** A hint at regular times: the net below every other notifier. */
export class PollNotifier implements ConfigNotifier {
  readonly #everyMs: number;
  readonly #clock: PollClock;
  #cancel: (() => void) | undefined;
  #isClosed = false;

  constructor(everyMs: number, clock: PollClock = processClock) {
    this.#everyMs = everyMs;
    this.#clock = clock;
  }

  start(listener: () => void): void {
    this.#plan(this.#clock.now() + this.#everyMs, listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel?.();
  }

  /** Times are multiples of the interval after the start, whatever the jitter and a busy process added before. */
  #plan(dueAt: number, listener: () => void): void {
    if (this.#isClosed) return;
    const delayMs = dueAt - this.#clock.now() + this.#clock.random() * jitter * this.#everyMs;
    this.#cancel = this.#clock.after(Math.max(0, delayMs), () => {
      const missed = Math.max(0, Math.floor((this.#clock.now() - dueAt) / this.#everyMs));
      this.#plan(dueAt + (missed + 1) * this.#everyMs, listener);
      listener();
    });
  }
}
