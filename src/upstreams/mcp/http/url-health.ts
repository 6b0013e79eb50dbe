export interface UrlHealthOptions {
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** Consecutive failures that eject a URL. */
const failuresToEject = 3;
const firstEjectionMs = 1_000;
const longestEjectionMs = 60_000;

/**
 * What is known of one URL among several of the same server. A URL that fails again and again is ejected
 * for a while; then it is tried, and one more failure ejects it for twice as long. Connections that are
 * on it stay there: only new ones avoid it.
 */
export class UrlHealth {
  readonly #options: UrlHealthOptions;
  #failures = 0;
  #ejections = 0;
  #ejectedUntil: number | undefined;

  constructor(options: UrlHealthOptions) {
    this.#options = options;
  }

  /** Consecutive failures so far. */
  get failures(): number {
    return this.#failures;
  }

  /** Milliseconds until it may be used again; 0 when it may now. */
  get ejectedForMs(): number {
    return this.#ejectedUntil === undefined ? 0 : Math.max(0, this.#ejectedUntil - this.#options.now());
  }

  succeeded(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.#ejections = 0;
    this.#ejectedUntil = undefined;
  }

  /** No connection, no whole answer, or a 5xx. */
  failed(): void {
    this.#failures++;
    // What was under way when it was ejected fails too, and says nothing new.
    if (this.#failures < failuresToEject || this.ejectedForMs > 0) return;
    const { now, random } = this.#options;
    const fullMs = Math.min(longestEjectionMs, firstEjectionMs * 2 ** this.#ejections);
    this.#ejections++;
    // A random half, so that gateways that saw it fail together do not come back together.
    this.#ejectedUntil = now() + fullMs / 2 + (fullMs / 2) * random();
  }
}
