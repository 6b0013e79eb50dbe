const windowMs = 1_000;
const linesPerWindow = 20;

/** Lets 20 lines a second into the log and counts the rest, for what a child may write without end. */
export class LogWindow {
  readonly #onSuppressed: (amount: number) => void;
  #lines = 0;
  #suppressed = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param onSuppressed told at the end of a second in which something was left out */
  constructor(onSuppressed: (amount: number) => void) {
    this.#onSuppressed = onSuppressed;
  }

  /** Nothing more is logged in this second. */
  get isFull(): boolean {
    return this.#lines >= linesPerWindow;
  }

  /** A line is logged. */
  count(): void {
    this.#lines += 1;
    this.#timer ??= setTimeout(() => this.end(), windowMs).unref();
  }

  /** Something is left out: lines or bytes, as the owner counts. */
  suppress(amount: number): void {
    this.#suppressed += amount;
  }

  /** The second is over, or the child. May be called twice. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lines = 0;
    const amount = this.#suppressed;
    this.#suppressed = 0;
    if (amount > 0) this.#onSuppressed(amount);
  }
}
