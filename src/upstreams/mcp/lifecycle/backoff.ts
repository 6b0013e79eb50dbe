import type { Clock } from "./clock.ts";

export interface BackoffOptions {
  /** Upper end of the first wait; doubles with every failure after it. */
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  readonly clock: Clock;
}

const crashWindowMs = 60_000;
const crashesOfALoop = 5;

/**
 * How long to leave a server alone that could not be reached: a random part ("full jitter") of a time
 * that doubles, so that many gateways do not come back at the same moment. A connection that worked and
 * broke may be opened again at once, until it has broken five times within a minute.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #crashedAt: number[] = [];
  #failures = 0;
  #until = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Milliseconds until the next attempt may be made; 0 when it may be made now. */
  get remainingMs(): number {
    return Math.max(0, Math.ceil(this.#until - this.#options.clock.now()));
  }

  /** The connection was opened. */
  succeeded(): void {
    this.#failures = 0;
    this.#until = 0;
  }

  /** The connection could not be opened. */
  failed(): void {
    const { backoffMs, maxBackoffMs, clock } = this.#options;
    const longest = Math.min(maxBackoffMs, backoffMs * 2 ** Math.min(this.#failures, 30));
    this.#failures++;
    this.#until = clock.now() + clock.random() * longest;
  }

  /** An open connection broke. Returns whether it breaks so often that it is left alone for a while. */
  crashed(): boolean {
    const { maxBackoffMs, clock } = this.#options;
    const now = clock.now();
    this.#crashedAt.push(now);
    if (this.#crashedAt.length > crashesOfALoop) this.#crashedAt.shift();
    const oldest = this.#crashedAt[0] ?? now;
    const isLoop = this.#crashedAt.length === crashesOfALoop && now - oldest <= crashWindowMs;
    // Half of it for certain: with full jitter a loop could go round again at once.
    if (isLoop) this.#until = now + (maxBackoffMs * (1 + clock.random())) / 2;
    return isLoop;
  }

  /** A random wait before a broken connection is opened again without a call that asks for it. */
  get jitterMs(): number {
    const { backoffMs, clock } = this.#options;
    return clock.random() * backoffMs;
  }
}
