import type { Clock } from "./clock.ts";

/** Something that is done later, once, unless it is planned anew or called off. */
export class Planned {
  readonly #clock: Clock;
  readonly #run: () => void;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, run: () => void) {
    this.#clock = clock;
    this.#run = run;
  }

  /** Whether it is still to be done. */
  get isDue(): boolean {
    return this.#cancel !== undefined;
  }

  /** Plans it for then, and for no other time. */
  in(delayMs: number): void {
    this.cancel();
    this.#cancel = this.#clock.after(delayMs, () => {
      this.#cancel = undefined;
      this.#run();
    });
  }

  /** May be called when nothing is planned. */
  cancel(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
