import { setImmediate } from "node:timers/promises";

/** How long work over all documents may hold the event loop before it yields. */
const maxHoldMs = 5;

/** Long work in pieces, so that calls flow meanwhile. */
export class Slices {
  #since = performance.now();

  get isDue(): boolean {
    return performance.now() - this.#since >= maxHoldMs;
  }

  /** Lets everything else happen, and begins the next piece. */
  async rest(): Promise<void> {
    await setImmediate();
    this.#since = performance.now();
  }
}
