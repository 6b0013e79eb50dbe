/** A member of at most one `SlotList`, which sets its place. */
export interface Slotted {
  /** Index in the list; −1 while in none. */
  slot: number;
}

/**
 * A set for members that come and go with every request, in no order. A `Set` or `Map` leaves its
 * outgrown tables behind, each holding the requests of its time; once one is in the old generation
 * all that follow are promoted after it (measured: a quarter of the CPU went into collection).
 */
export class SlotList<T extends Slotted> {
  readonly #members: T[] = [];

  get size(): number {
    return this.#members.length;
  }

  add(member: T): void {
    member.slot = this.#members.length;
    this.#members.push(member);
  }

  /** False when the member is not in the list. */
  delete(member: T): boolean {
    const { slot } = member;
    if (slot === -1 || this.#members[slot] !== member) return false;
    const last = this.#members.pop();
    if (last !== undefined && last !== member) {
      this.#members[slot] = last;
      last.slot = slot;
    }
    member.slot = -1;
    return true;
  }

  find(matches: (member: T) => boolean): T | undefined {
    return this.#members.find(matches);
  }

  /** The members as they are now; changing the list while reading it is safe. */
  toArray(): T[] {
    return [...this.#members];
  }
}
