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

/** Resources that are watched over one connection; those that come after them are not heard of. */
const mostUris = 10_000;

/** Counts who watches what over one connection, so that the server hears only of the first and the last. */
export class WatchCounter {
  readonly #onChange: (uris: ReadonlySet<string>) => void;
  readonly #uris = new Set<string>();
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

  /** What is watched: not a copy, for it may be large. Changes with every `add` and every end. */
  get uris(): ReadonlySet<string> {
    return this.#uris;
  }

  /**
   * @param uri undefined for changes of lists alone
   * @returns what ends it; may be called twice
   */
  add(uri: string | undefined): () => void {
    const isFirst = this.#count++ === 0;
    const isHeard = uri !== undefined && (this.#uris.has(uri) || this.#uris.size < mostUris);
    const isNewUri = isHeard && this.#addUri(uri);
    if (isFirst || isNewUri) this.#onChange(this.uris);
    let hasEnded = false;
    return () => {
      if (hasEnded) return;
      hasEnded = true;
      this.#count--;
      if (isHeard && this.#deleteUri(uri)) this.#onChange(this.uris);
    };
  }

  #addUri(uri: string): boolean {
    const watchers = this.#watchersOf.get(uri) ?? 0;
    this.#watchersOf.set(uri, watchers + 1);
    this.#uris.add(uri);
    return watchers === 0;
  }

  #deleteUri(uri: string): boolean {
    const watchers = this.#watchersOf.get(uri) ?? 0;
    if (watchers > 1) {
      this.#watchersOf.set(uri, watchers - 1);
      return false;
    }
    this.#watchersOf.delete(uri);
    return this.#uris.delete(uri);
  }
}
