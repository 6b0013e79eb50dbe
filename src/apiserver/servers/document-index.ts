import type { ConfigStore, DocumentRef, DocumentVersion } from "../../core/config-store.ts";

type Indexed = Pick<DocumentVersion, "tenant" | "name" | "revision" | "savedAt" | "summary">;

/** What a gateway at some revision lacks. */
export interface Lag {
  /** Documents whose newest version it has not. */
  readonly documents: number;
  /** When the oldest of those was saved; milliseconds since 1970; undefined when nothing is lacking. */
  readonly since: number | undefined;
}

/**
 * Who has which prefix and what changed when, of every document of a store. It follows the store by what changed since
 * it looked last; the first look reads everything once.
 */
export class DocumentIndex {
  readonly #store: Pick<ConfigStore, "changesSince">;
  readonly #documents = new Map<string, Indexed>();
  readonly #owners = new Map<string, Set<string>>();
  #revision = 0;
  #running: Promise<number> = Promise.resolve(0);
  #queued: Promise<number> | undefined;

  constructor(store: Pick<ConfigStore, "changesSince">) {
    this.#store = store;
  }

  /** Catches up with the store and answers its revision. Fails with `unavailable` as the store does. */
  refresh(): Promise<number> {
    const before = this.#running.catch(() => this.#revision);
    // A look that has begun may have missed the caller's own change; all who wait share the next one.
    this.#queued ??= before.then(() => {
      this.#queued = undefined;
      this.#running = this.#look();
      return this.#running;
    });
    return this.#queued;
  }

  /** Another document that is served below exactly this prefix. */
  otherOwner(prefix: string, { tenant, name }: DocumentRef): DocumentRef | undefined {
    const own = keyOf({ tenant, name });
    const other = [...(this.#owners.get(prefix) ?? [])].find((key) => key !== own);
    return other === undefined ? undefined : this.#documents.get(other);
  }

  lagOf(revision: number): Lag {
    const lacking = [...this.#documents.values()].filter((document) => document.revision > revision);
    const since = lacking.reduce((oldest, { savedAt }) => Math.min(oldest, savedAt), Number.POSITIVE_INFINITY);
    return { documents: lacking.length, since: lacking.length === 0 ? undefined : since };
  }

  async #look(): Promise<number> {
    const { revision, changed, isComplete } = await this.#store.changesSince(this.#revision);
    if (isComplete) {
      this.#documents.clear();
      this.#owners.clear();
    }
    for (const version of changed) this.#set(version);
    this.#revision = revision;
    return revision;
  }

  /** Deleted documents stay, since gateways have to learn of them; they own nothing. */
  #set({ tenant, name, revision, savedAt, summary, change }: DocumentVersion): void {
    const key = keyOf({ tenant, name });
    for (const prefix of this.#documents.get(key)?.summary?.prefixes ?? []) this.#owners.get(prefix)?.delete(key);
    const kept = change === "delete" ? undefined : summary;
    this.#documents.set(key, { tenant, name, revision, savedAt, summary: kept });
    for (const prefix of kept?.prefixes ?? []) {
      this.#owners.set(prefix, (this.#owners.get(prefix) ?? new Set()).add(key));
    }
  }
}

function keyOf({ tenant, name }: DocumentRef): string {
  return `${tenant}/${name}`;
}
