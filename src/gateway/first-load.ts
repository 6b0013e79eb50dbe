/** Requests that came before their document was read: they look again whenever more is served. */
export class FirstLoad {
  #waiting: (() => void)[] = [];

  /** Calls `again` once, when more documents are served or the load is over. */
  wait(again: () => void): void {
    this.#waiting.push(again);
  }

  /** More documents are served. */
  progressed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const again of waiting) again();
  }
}
