import { performance } from "node:perf_hooks";

/** Time and chance; tests pass their own. */
export interface Clock {
  /** Milliseconds that never go back: the clock of `McpCallContext.deadlineAt`. */
  now(): number;
  /** Calls `run` once after the delay, without keeping the process up. Returns what takes it back. */
  after(delayMs: number, run: () => void): () => void;
  /** From 0 up to 1. */
  random(): number;
}

/** What timers of Node take at most; longer waits would end at once. */
const maxDelayMs = 2_147_483_647;

export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, Math.min(delayMs, maxDelayMs));
    timer.unref();
    return () => clearTimeout(timer);
  },
  random: Math.random,
};
