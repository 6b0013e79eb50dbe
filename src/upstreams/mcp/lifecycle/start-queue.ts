import { AppError } from "../../../core/errors.ts";

/**
 * Lets a bounded number of connections start at the same time, the others in the order of their coming:
 * a thousand children that start at once starve each other until all of them time out.
 */
export class StartQueue {
  readonly #atOnce: number;
  readonly #waiting: Ticket[] = [];
  #starting = 0;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** Starts that wait for their turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Runs `start` when it is its turn, and makes room for the next one when it has settled.
   * Rejects with the signal's reason when that comes first; `start` is not run then.
   */
  async run<T>(signal: AbortSignal, start: () => Promise<T>): Promise<T> {
    await this.#turn(signal);
    try {
      return await start();
    } finally {
      this.#starting--;
      this.#next();
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(reasonOf(signal));
      const ticket: Ticket = {
        admit: () => {
          signal.removeEventListener("abort", leave);
          resolve();
        },
      };
      const leave = (): void => {
        const index = this.#waiting.indexOf(ticket);
        if (index !== -1) this.#waiting.splice(index, 1);
        reject(reasonOf(signal));
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.push(ticket);
      this.#next();
    });
  }

  #next(): void {
    if (this.#starting >= this.#atOnce) return;
    const ticket = this.#waiting.shift();
    if (ticket === undefined) return;
    this.#starting++;
    ticket.admit();
  }
}

interface Ticket {
  admit(): void;
}

function reasonOf(signal: AbortSignal): AppError {
  const reason: unknown = signal.reason;
  return reason instanceof AppError ? reason : new AppError("cancelled", "The start was called off.");
}
