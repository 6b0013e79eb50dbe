/** How much guessing is let pass before it has to wait, twice as long each time. */
export interface ThrottleRule {
  /** Failures without a wait. */
  readonly freeFailures: number;
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** Failures are forgotten after so long without another one. */
  readonly forgetMs: number;
}

/**
 * Counts what fails, for all replicas together. An attempt counts as failed from its begin on, so that many at once
 * are no way around. Calls may overlap. Errors: `unavailable`.
 */
export interface ThrottleStore {
  /** Counts an attempt; 0, or how many milliseconds to wait: then it must not be made. */
  begin(name: string, rule: ThrottleRule, now: number): Promise<number>;
  /** The attempt was no failure after all: counts one less, and nobody waits. */
  forgive(name: string): Promise<void>;
  /** Forgets all failures. */
  clear(name: string): Promise<void>;
  /** Forgets what failed last before this time. */
  prune(before: number): Promise<number>;
}
