import { ExpressionFault } from "./fault.ts";
import { expressionLimits } from "./limits.ts";

const turnsBetweenClockReads = 16;

/** The work one evaluation may still do. Evaluation is synchronous, so each compiled expression has one. */
export class Budget {
  #turns: number = expressionLimits.turns;
  #startedAt = 0;
  #spent = false;
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Begins an evaluation. */
  reset(): void {
    this.#turns = expressionLimits.turns;
    this.#startedAt = 0;
    this.#spent = false;
  }

  /** Counts a turn of a macro; false ends the macro. It does not throw, because macros swallow errors. */
  takeTurn(): boolean {
    if (this.#spent || --this.#turns < 0) {
      this.#spent = true;
    } else if (this.#turns % turnsBetweenClockReads === 0) {
      const now = this.#now();
      if (this.#startedAt === 0) this.#startedAt = now;
      else if (now - this.#startedAt > expressionLimits.milliseconds) this.#spent = true;
    }
    return !this.#spent;
  }

  /** To be asked when an evaluation ends: one that was cut short has no value. */
  assertUnspent(): void {
    if (this.#spent) throw new ExpressionFault("it does too much work");
  }
}
