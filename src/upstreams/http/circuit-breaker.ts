export type BreakerState = "closed" | "open" | "half-open";

export interface BreakerOptions {
  /** Consecutive failures that open it. */
  readonly failures: number;
  /** How long it stays open before one request is let through. */
  readonly resetMs: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}

/**
 * Stops calling an upstream that is down. What counts as a failure (no connection, time-out, 5xx) and
 * what does not (429: it is up and says so) is decided by the caller. Each `tryPass` that returned true
 * is followed by exactly one of `succeeded`, `failed` and `withdrawn`.
 */
export class CircuitBreaker {
  readonly #options: BreakerOptions;
  #failures = 0;
  #openUntil: number | undefined;
  #isProbing = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  get state(): BreakerState {
    if (this.#openUntil === undefined) return "closed";
    return this.#options.now() < this.#openUntil ? "open" : "half-open";
  }

  /** Consecutive failures so far. */
  get failures(): number {
    return this.#failures;
  }

  /** Milliseconds until a request may be let through; 0 when one may now or when the probe is under way. */
  get opensInMs(): number {
    return this.#openUntil === undefined ? 0 : Math.max(0, Math.ceil(this.#openUntil - this.#options.now()));
  }

  /** Whether a request may be sent. While half-open only one at a time may. */
  tryPass(): boolean {
    if (this.#openUntil === undefined) return true;
    if (this.#isProbing || this.#options.now() < this.#openUntil) return false;
    this.#isProbing = true;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#openUntil = undefined;
    this.#isProbing = false;
  }

  failed(): void {
    this.#failures++;
    this.#isProbing = false;
    if (this.#failures >= this.#options.failures) this.#openUntil = this.#options.now() + this.#options.resetMs;
  }

  /** The request said nothing about the upstream: the client cancelled it, or it was never sent. */
  withdrawn(): void {
    this.#isProbing = false;
  }
}
