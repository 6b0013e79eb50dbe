import { SlotList, type Slotted } from "../../core/slot-list.ts";

/** Something that must end in time. */
export interface Expiring extends Slotted {
  /** On the clock that the `Deadlines` were made with. */
  readonly deadlineAt: number;
  /** Called once, at most `sweepMs` late. Never throws. */
  expire(): void;
}

const sweepMs = 20;

/**
 * One timer for all deadlines of an upstream: entering and leaving is cheap instead of a timer
 * per call. The timer runs only while something is under way and does not keep the process up.
 */
export class Deadlines {
  readonly #now: () => number;
  readonly #members = new SlotList<Expiring>();
  #timer: NodeJS.Timeout | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(member: Expiring): void {
    this.#members.add(member);
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#sweep(), sweepMs);
    this.#timer.unref();
  }

  delete(member: Expiring): void {
    this.#members.delete(member);
  }

  #sweep(): void {
    const now = this.#now();
    for (const member of this.#members.toArray()) {
      if (member.deadlineAt > now) continue;
      this.#members.delete(member);
      member.expire();
    }
    if (this.#members.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
