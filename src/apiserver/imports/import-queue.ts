import { AppError } from "../../core/errors.ts";

/** How many imports wait behind the one that runs. */
const maxWaiting = 8;
/** What a caller is told to wait when there is no room. */
const retryAfterSeconds = 30;

/** Lets one import run at a time, in their order: each may take a whole core and a large part of the memory. */
export class ImportQueue {
  readonly #waiting: (() => void)[] = [];
  #isBusy = false;

  /**
   * Runs `work` in its turn. One that was given up while it waited does not run.
   *
   * @throws AppError `overloaded` with `data.retryAfterSeconds` when too many wait, `cancelled` when `signal` aborts
   */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#turn(signal);
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#isBusy = false;
      else next();
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(givenUp());
    if (!this.#isBusy) {
      this.#isBusy = true;
      return Promise.resolve();
    }
    if (this.#waiting.length >= maxWaiting) {
      const message = `${maxWaiting} imports wait already. Try again in ${retryAfterSeconds} s.`;
      return Promise.reject(new AppError("overloaded", message, { data: { retryAfterSeconds } }));
    }
    return new Promise((resolve, reject) => {
      const start = (): void => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(start), 1);
        reject(givenUp());
      };
      this.#waiting.push(start);
      signal.addEventListener("abort", leave, { once: true });
    });
  }
}

function givenUp(): AppError {
  return new AppError("cancelled", "The import was given up.");
}
