/** Something that wants a sign of life written to it now and then. */
export interface KeepAliveTarget {
  keepAlive(): void;
}

const slotCount = 32;

/**
 * Writes keep-alive comments with one timer per interval. Streams are spread over slots, so that ten
 * thousand of them never write in the same turn of the event loop.
 */
export class KeepAlive {
  readonly #wheels = new Map<number, Wheel>();

  /** Calls `target.keepAlive()` every `intervalMs` until the returned function is called. */
  add(target: KeepAliveTarget, intervalMs: number): () => void {
    let wheel = this.#wheels.get(intervalMs);
    if (wheel === undefined) {
      wheel = new Wheel(intervalMs);
      this.#wheels.set(intervalMs, wheel);
    }
    return wheel.add(target);
  }

  close(): void {
    for (const wheel of this.#wheels.values()) wheel.close();
    this.#wheels.clear();
  }
}

class Wheel {
  readonly #slots: readonly Set<KeepAliveTarget>[] = Array.from({ length: slotCount }, () => new Set());
  readonly #tickMs: number;
  #timer: NodeJS.Timeout | undefined;
  #hand = 0;
  #next = 0;
  #size = 0;

  constructor(intervalMs: number) {
    this.#tickMs = Math.max(1, Math.floor(intervalMs / slotCount));
  }

  add(target: KeepAliveTarget): () => void {
    const slot = this.#slots[this.#next++ % slotCount];
    slot?.add(target);
    this.#size++;
    this.#timer ??= setInterval(() => this.#tick(), this.#tickMs).unref();
    return () => {
      if (!slot?.delete(target)) return;
      if (--this.#size === 0) this.close();
    };
  }

  #tick(): void {
    const slot = this.#slots[this.#hand++ % slotCount];
    if (slot === undefined) return;
    for (const target of slot) target.keepAlive();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
