/** A subscription to one resource, or the wish to hear of changes. */
export interface Watch {
  /**
   * Resolves when the server tells of changes from now on, or when it is clear that it will not for the
   * time being: it is down, or refuses. Never rejects. Bounded by what opening a connection may take.
   */
  readonly inEffect: Promise<void>;
  /** May be called twice. */
  end(): void;
}

/** Counts who watches what over one connection, so that the server hears only of the first and the last. */
export class WatchCounter {
  readonly #onChange: (uris: ReadonlySet<string>) => void;
  readonly #watchersOf = new Map<string, number>();
  #count = 0;

  /** @param onChange called with the URIs to watch when they are others, or when anybody watches at all */
  constructor(onChange: (uris: ReadonlySet<string>) => void) {
    this.#onChange = onChange;
  }

  /** Watchers of any kind. */
  get count(): number {
    return this.#count;
  }

  get uris(): ReadonlySet<string> {
    return new Set(this.#watchersOf.keys());
  }

  /**
   * @param uri undefined for changes of lists alone
   * @returns what ends it; may be called twice
   */
  add(uri: string | undefined): () => void {
    const isFirst = this.#count++ === 0;
    const isNewUri = uri !== undefined && this.#addUri(uri);
    if (isFirst || isNewUri) this.#onChange(this.uris);
    let hasEnded = false;
    return () => {
      if (hasEnded) return;
      hasEnded = true;
      this.#count--;
      if (uri !== undefined && this.#deleteUri(uri)) this.#onChange(this.uris);
    };
  }

  #addUri(uri: string): boolean {
    const watchers = this.#watchersOf.get(uri) ?? 0;
    this.#watchersOf.set(uri, watchers + 1);
    return watchers === 0;
  }

  #deleteUri(uri: string): boolean {
    const watchers = this.#watchersOf.get(uri) ?? 0;
    if (watchers > 1) {
      this.#watchersOf.set(uri, watchers - 1);
      return false;
    }
    return this.#watchersOf.delete(uri);
  }
}
