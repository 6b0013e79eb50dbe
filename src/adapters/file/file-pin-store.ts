import { mkdir } from "node:fs/promises";
import { AppError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { maxPinsPerUpstream, type Pin, type PinKey, type PinStore } from "../../core/pin-store.ts";
import { type PinEntry, PinsFile } from "./pins-file.ts";

export interface FilePinStoreOptions {
  /** How often somebody else's changes of the file are looked for; 500 when absent. */
  readonly lookMs?: number;
  /** Milliseconds since 1970; of the system when absent. */
  readonly now?: () => number;
}

/** Pins that come together are written once. */
const writeDelayMs = 100;

/** By upstream of a server, then by tool. */
type Entries = Map<string, Map<string, PinEntry>>;

/**
 * Remembers pins in `pins.json` of a folder. One gateway at a time uses the folder; entries that
 * somebody else takes out of the file are forgotten while it runs. That the whole file is gone counts
 * for nothing (a volume may have been lost): it is written again.
 */
export class FilePinStore implements PinStore {
  readonly #file: PinsFile;
  readonly #log: Log;
  readonly #lookMs: number;
  readonly #now: () => number;
  #entries: Entries = new Map();
  /** Those that are not in the file yet. */
  readonly #unwritten = new Set<PinEntry>();
  #generation = 0;
  #writeTimer: NodeJS.Timeout | undefined;
  #lookTimer: NodeJS.Timeout | undefined;
  /** Reading and writing, one after the other. */
  #work: Promise<void> = Promise.resolve();
  #isUnreadable = false;
  #isClosed = false;

  private constructor(file: PinsFile, log: Log, { lookMs = 500, now = Date.now }: FilePinStoreOptions) {
    this.#file = file;
    this.#log = log;
    this.#lookMs = lookMs;
    this.#now = now;
  }

  /**
   * Opens the store of a folder, which is made when it is missing. Fails with
   * `AppError("invalid_configuration")` when the folder or the file cannot be used: a file that is
   * damaged is never overwritten.
   */
  static async open(directory: string, log: Log, options: FilePinStoreOptions = {}): Promise<FilePinStore> {
    const file = new PinsFile(directory);
    const store = new FilePinStore(file, log, options);
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      store.#adopt((await file.readNews()) ?? []);
    } catch (cause) {
      throw new AppError(
        "invalid_configuration",
        `The pins in ${file.path} cannot be read: mend or move the file, or give another --state-dir.`,
        { cause },
      );
    }
    store.#lookLater();
    return store;
  }

  get generation(): number {
    return this.#generation;
  }

  get({ server, upstream, tool }: PinKey): Pin | undefined {
    return this.#entries.get(keyOf(server, upstream))?.get(tool)?.digests;
  }

  add({ server, upstream, tool }: PinKey, pin: Pin): boolean {
    const ofUpstream = entriesOf(this.#entries, { server, upstream });
    if (ofUpstream.size >= maxPinsPerUpstream) return false;
    const entry = { server, upstream, tool, pinnedAt: new Date(this.#now()).toISOString(), digests: pin };
    ofUpstream.set(tool, entry);
    this.#unwritten.add(entry);
    this.#writeTimer ??= setTimeout(() => this.#write(), writeDelayMs).unref();
    return true;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#lookTimer);
    if (this.#writeTimer !== undefined) this.#write();
    await this.#work;
  }

  #lookLater(): void {
    if (this.#isClosed) return;
    this.#lookTimer = setTimeout(() => {
      this.#work = this.#work.then(() => this.#look()).finally(() => this.#lookLater());
    }, this.#lookMs).unref();
  }

  async #look(): Promise<void> {
    try {
      const news = await this.#file.readNews();
      if (news !== undefined) this.#adopt(news);
      this.#isUnreadable = false;
    } catch (error) {
      // A file that is damaged stays so until somebody mends it: told once.
      if (!this.#isUnreadable) this.#log.error("pins cannot be read; what was pinned stays", this.#about(error));
      this.#isUnreadable = true;
    }
  }

  #write(): void {
    clearTimeout(this.#writeTimer);
    this.#writeTimer = undefined;
    const written: PinEntry[] = [];
    this.#work = this.#work
      .then(async () => {
        await this.#file.replace((present) => {
          if (present !== undefined) this.#adopt(present);
          written.push(...this.#unwritten);
          return [...this.#entries.values()].flatMap((ofUpstream) => [...ofUpstream.values()]);
        });
        for (const entry of written) this.#unwritten.delete(entry);
      })
      .catch((error: unknown) => this.#log.error("pins are not written down", this.#about(error)));
  }

  /** Takes over what the file holds; what it never held is kept besides. */
  #adopt(present: readonly PinEntry[]): void {
    const before = this.#entries;
    this.#entries = new Map();
    for (const entry of present) entriesOf(this.#entries, entry).set(entry.tool, entry);
    for (const entry of this.#unwritten) {
      const ofUpstream = entriesOf(this.#entries, entry);
      if (!ofUpstream.has(entry.tool)) ofUpstream.set(entry.tool, entry);
    }
    if (isAnyLost(before, this.#entries)) this.#generation++;
  }

  #about(error: unknown): Readonly<Record<string, unknown>> {
    return { path: this.#file.path, error };
  }
}

function keyOf(server: string, upstream: string): string {
  return `${server}\n${upstream}`;
}

function entriesOf(entries: Entries, { server, upstream }: Pick<PinKey, "server" | "upstream">): Map<string, PinEntry> {
  const key = keyOf(server, upstream);
  const known = entries.get(key) ?? new Map<string, PinEntry>();
  entries.set(key, known);
  return known;
}

/** Whether a pin of before is gone, or is another one. */
function isAnyLost(before: Entries, after: Entries): boolean {
  for (const [key, ofUpstream] of before) {
    for (const [tool, { digests }] of ofUpstream) {
      const found = after.get(key)?.get(tool);
      if (found === undefined || !isSamePin(digests, found.digests)) return true;
    }
  }
  return false;
}

function isSamePin(one: Pin, other: Pin): boolean {
  const fields = Object.keys(one);
  return fields.length === Object.keys(other).length && fields.every((field) => one[field] === other[field]);
}
