import { setImmediate } from "node:timers/promises";
import type { ConfigRead, ConfigReader, SourceDocument } from "../../core/config-source.ts";
import type { ConfigStore, DocumentChanges, StoredVersion } from "../../core/config-store.ts";
import type { Problem } from "../../core/problem.ts";
import { LazyDocument, type ReadText } from "./lazy-document.ts";
import { locateAll, locateIn, readText } from "./read-document.ts";
import { type DocumentText, splitDocuments } from "./split-documents.ts";

/** How long reading may hold the event loop before it yields; one document is never interrupted. */
const maxHoldMs = 5;

export interface StoredConfigOptions {
  /** Closed by whoever opened it. */
  readonly store: Pick<ConfigStore, "changesSince">;
  /** Milliseconds; only differences count. */
  readonly clock: () => number;
  /** How often everything is read instead of what has changed; 10 minutes when absent. */
  readonly fullReadMs?: number;
  /** Folder that relative paths of the documents start from; without one they lead nowhere. */
  readonly baseDirectory?: string | undefined;
}

/** A version that is known, and its document, once that was asked for. */
interface Entry {
  readonly version: StoredVersion;
  document: SourceDocument | undefined;
}

/**
 * Reads server documents from a configuration store: only what has changed since the last read, and now and then
 * everything, as a net. Documents come by tenant and name, unchanged ones as the same object. `read` fails with
 * `unavailable` when the store does not answer; what is known stays for the next time.
 */
export class StoredConfigReader implements ConfigReader {
  readonly #options: StoredConfigOptions;
  #entries = new Map<string, Entry>();
  /** Keys of `#entries` in their order; undefined when they have changed. */
  #order: readonly string[] | undefined;
  #revision = 0;
  #fullReadAt: number;

  constructor(options: StoredConfigOptions) {
    this.#options = options;
    this.#fullReadAt = options.clock();
  }

  async read(onDocument?: (document: SourceDocument) => void): Promise<ConfigRead> {
    await this.#follow();
    this.#order ??= [...this.#entries.keys()].sort();
    const documents: SourceDocument[] = [];
    let heldSince = performance.now();
    for (const key of this.#order) {
      const entry = this.#entries.get(key);
      if (entry === undefined) continue; // the order has no other keys
      entry.document ??= documentOf(entry.version, this.#options.baseDirectory);
      documents.push(entry.document);
      onDocument?.(entry.document);
      if (performance.now() - heldSince < maxHoldMs) continue;
      await setImmediate();
      heldSince = performance.now();
    }
    return { documents, revision: String(this.#revision), storeRevision: this.#revision };
  }

  async #follow(): Promise<void> {
    const { store, clock, fullReadMs = 600_000 } = this.#options;
    const now = clock();
    const isFull = now - this.#fullReadAt >= fullReadMs;
    const changes = await store.changesSince(isFull ? 0 : this.#revision);
    if (changes.isComplete) this.#fullReadAt = now;
    this.#apply(changes);
    this.#revision = changes.revision;
  }

  #apply({ changed, isComplete }: DocumentChanges): void {
    const entries = isComplete ? new Map<string, Entry>() : this.#entries;
    for (const version of changed) {
      const key = keyOf(version);
      const known = this.#entries.get(key);
      if (version.text === undefined) entries.delete(key);
      else entries.set(key, known?.version.hash === version.hash ? known : { version, document: undefined });
    }
    if (isComplete || changed.length > 0) this.#order = undefined;
    this.#entries = entries;
  }
}

function keyOf({ tenant, name }: StoredVersion): string {
  return `${tenant}/${name}`;
}

function documentOf(version: StoredVersion, baseDirectory: string | undefined): SourceDocument {
  const key = keyOf(version);
  const { hash, text = "" } = version;
  let locate: SourceDocument["locate"] | undefined;
  return new LazyDocument({
    key,
    hash,
    baseDirectory,
    read: () => readVersion(version),
    locate: (path, atKey) => {
      locate ??= locateIn(firstOf(splitDocuments(text), text), key);
      return locate(path, atKey);
    },
  });
}

function readVersion(version: StoredVersion): ReadText {
  const key = keyOf(version);
  const { text = "" } = version;
  const parts = splitDocuments(text);
  const source = firstOf(parts, text);
  const found = readText(source, key);
  const problems = parts === undefined || parts.length > 1 ? [tooMany] : strangersOf(found, version);
  if (problems.length === 0) return found;
  return { document: undefined, problems: [...found.problems, ...locateAll(source, key, problems)] };
}

function firstOf(parts: readonly DocumentText[] | undefined, text: string): DocumentText {
  return parts?.[0] ?? { text, line: 0 };
}

const tooMany: Problem = {
  severity: "error",
  path: [],
  message: "the text has more than one document",
  mend: "save each document by its own name",
};

/** A document that says it is another one must not take that one's place. */
function strangersOf({ document }: ReadText, version: StoredVersion): Problem[] {
  if (document === undefined) return [];
  const fields = (["tenant", "name"] as const).filter((field) => document[field] !== version[field]);
  return fields.map((field) => ({
    severity: "error",
    path: [field],
    message: `the ${field} is not that of ${keyOf(version)}, which the document is kept as`,
    mend: `write ${JSON.stringify(version[field])}, or save the document by its own name`,
  }));
}
