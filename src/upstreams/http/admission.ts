/** Something that waits for its turn. `admitted` is called once per `enter`, then or later, and never throws. */
export interface Waiting {
  admitted(): void;
}

/** How many may wait for each slot before newcomers are turned away. */
const waitingPerSlot = 16;
const leastWaiting = 64;

/**
 * Bounds how many requests are under way at once; the others wait in order of arrival. The queue is
 * bounded too, so that a hung upstream cannot collect calls without end. Deadlines are the caller's:
 * one that gives up calls `leave`.
 */
export class Admission {
  readonly #slots: number;
  readonly #most: number;
  #running = 0;
  #isHandingOut = false;
  // A Set keeps the order of arrival and forgets a member in constant time.
  readonly #waiting = new Set<Waiting>();

  constructor(slots: number) {
    this.#slots = slots;
    this.#most = Math.max(leastWaiting, slots * waitingPerSlot);
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Admits now or later. False when the queue is full: `admitted` is then never called. */
  enter(member: Waiting): boolean {
    if (this.#running < this.#slots) {
      this.#running++;
      member.admitted();
      return true;
    }
    if (this.#waiting.size >= this.#most) return false;
    this.#waiting.add(member);
    return true;
  }

  /** Gives up waiting. An admitted member calls `release` instead. */
  leave(member: Waiting): void {
    this.#waiting.delete(member);
  }

  /** Gives back the slot of a finished request; whoever waits longest gets it. Once per admission. */
  release(): void {
    this.#running--;
    // A member that releases its slot while it is admitted must not recurse through the whole queue.
    if (this.#isHandingOut) return;
    this.#isHandingOut = true;
    for (const next of this.#waiting) {
      if (this.#running >= this.#slots) break;
      this.#waiting.delete(next);
      this.#running++;
      next.admitted();
    }
    this.#isHandingOut = false;
  }
}
