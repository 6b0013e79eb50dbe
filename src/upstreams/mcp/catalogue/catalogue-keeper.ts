import { createHash } from "node:crypto";
import { AppError } from "../../../core/errors.ts";
import type { JsonObject, JsonValue } from "../../../core/json.ts";
import type { Log } from "../../../core/log.ts";
import { stringifyJson } from "../../../core/lossless-json.ts";
import { type Catalogue, emptyCatalogue } from "../catalogue.ts";
import type { Clock } from "../lifecycle/clock.ts";
import { Planned } from "../lifecycle/planned.ts";
import type { McpConnection, ServerDescription } from "../connection.ts";
import { type ListName, lists, type LoadedList, loadList } from "./load-list.ts";

export interface CatalogueKeeperOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** The upstream's name, for the log. */
  readonly upstream: string;
  /** Longest time for reading the lists. */
  readonly timeoutMs: number;
  /** The catalogue is another one. */
  readonly onChange: () => void;
}

const everyList = Object.keys(lists) as readonly ListName[];

/** What `notifications/…/list_changed` says of which lists. */
const listsChangedBy: ReadonlyMap<string, readonly ListName[]> = new Map([
  ["notifications/tools/list_changed", ["tools"]],
  ["notifications/prompts/list_changed", ["prompts"]],
  ["notifications/resources/list_changed", ["resources", "resourceTemplates"]],
]);

/** Whether a notification tells of a change of lists. */
export function isListChange(method: string): boolean {
  return listsChangedBy.has(method);
}

/** The connection to read over, asked for when reading begins; undefined when there is none any more. */
export type ListSource = () => McpConnection | undefined;

/** Servers that change several things tell of each one: their lists are read once. */
const debounceMs = 50;
/** Longest pause when nothing had changed although the server said so. */
const maxPauseMs = 10_000;
/** The same when something had: every client is told of it, and asks. */
const maxChangePauseMs = 1_000;
/** Reading takes a quarter of the time at most, however much there is to read. */
const pausePerReading = 3;
/** After this time without readings a server is believed at once again. */
const calmMs = 60_000;
/** A list without word of how long it keeps is read again after this time, when it is asked for. */
const usualTtlMs = 60_000;
/** However short a server says its lists keep. */
const leastTtlMs = 1_000;
/** When a list could not be read. */
const retryMs = 5_000;

/**
 * The catalogue of one upstream, or of one principal there: reads the lists again when something may
 * have changed, one reading at a time, and tells only of real changes.
 */
export class CatalogueKeeper {
  /** When it was asked for last, as a number that grows; 0 for never. */
  lastAsked = 0;
  readonly #options: CatalogueKeeperOptions;
  readonly #digests = new Map<string, string>();
  readonly #wanted = new Set<ListName>();
  readonly #waiting: (() => void)[] = [];
  readonly #next: Planned;
  #catalogue: Catalogue = emptyCatalogue;
  #source: ListSource = () => undefined;
  #isReading = false;
  /** How often the server was found to be down: what was read before says nothing of now. */
  #downs = 0;
  #dueAt = 0;
  #readAt = 0;
  #pauseMs = debounceMs;
  /** After a reading that took long. */
  #restMs = 0;
  /** Whether the server said that something has changed since the last reading. */
  #wasTold = false;

  constructor(options: CatalogueKeeperOptions) {
    this.#options = options;
    this.#next = new Planned(options.clock, () => void this.#read());
  }

  get catalogue(): Catalogue {
    return this.#catalogue;
  }

  /** Whether the lists are older than they keep. */
  get isDue(): boolean {
    return this.#options.clock.now() >= this.#dueAt && this.#catalogue.state !== "pending";
  }

  /** Reads every list. */
  readAll(source: ListSource): void {
    this.#source = source;
    for (const name of everyList) this.#wanted.add(name);
    this.#start(0);
  }

  /** Reads what a notification says has changed; nothing when it is about something else. */
  changed(method: string, source: ListSource): void {
    this.#source = source;
    this.#wasTold = true;
    for (const name of listsChangedBy.get(method) ?? []) this.#wanted.add(name);
    if (this.#options.clock.now() - this.#readAt > calmMs) this.#pauseMs = debounceMs;
    this.#start(this.#nextPauseMs());
  }

  /** The server is down: what is known of it is old. */
  down(): void {
    this.#downs++;
    this.#dueAt = 0;
    if (this.#catalogue.state === "current") this.#replace({ state: "stale" });
  }

  /** Does not call the lists due again before some time has passed. */
  postpone(): void {
    this.#dueAt = this.#options.clock.now() + retryMs;
  }

  /** Whether lists are being read. */
  get isReading(): boolean {
    return this.#isReading;
  }

  /** Resolves when the reading that is under way has ended; at once when none is. */
  read(): Promise<void> {
    if (!this.#isReading) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Reads nothing that is only planned. */
  close(): void {
    this.#wanted.clear();
    this.#next.cancel();
  }

  #start(delayMs: number): void {
    if (this.#isReading || (this.#next.isDue && delayMs > 0)) return;
    if (delayMs > 0) return this.#next.in(delayMs);
    this.#next.cancel();
    void this.#read();
  }

  /** Never rejects. */
  async #read(): Promise<void> {
    const names = [...this.#wanted];
    this.#wanted.clear();
    const connection = this.#source();
    if (connection === undefined) return;
    this.#isReading = true;
    const wasTold = this.#wasTold;
    this.#wasTold = false;
    const { version } = this.#catalogue;
    const begunAt = this.#options.clock.now();
    try {
      const downs = this.#downs;
      this.#apply(connection.server, await this.#load(connection, names), downs);
    } catch (error) {
      this.#options.log.error("upstream's lists not compared", { upstream: this.#options.upstream, error });
    }
    this.#isReading = false;
    for (const resolve of this.#waiting.splice(0)) resolve();
    this.#readAt = this.#options.clock.now();
    this.#restMs = Math.min(maxPauseMs, (this.#readAt - begunAt) * pausePerReading);
    this.#dueAt = Math.max(this.#dueAt, this.#readAt + this.#restMs);
    // A server that tells of changes whenever it is asked must not keep the gateway asking.
    const longestMs = version === this.#catalogue.version ? maxPauseMs : maxChangePauseMs;
    this.#pauseMs = wasTold ? Math.min(this.#pauseMs * 2, longestMs) : debounceMs;
    if (this.#wanted.size > 0) this.#start(this.#nextPauseMs());
  }

  #nextPauseMs(): number {
    return Math.max(this.#pauseMs, this.#restMs);
  }

  async #load(connection: McpConnection, names: readonly ListName[]): Promise<Map<ListName, LoadedList | undefined>> {
    const { clock, log, upstream, timeoutMs } = this.#options;
    const deadlineAt = clock.now() + timeoutMs;
    const loaded = new Map<ListName, LoadedList | undefined>();
    await Promise.all(
      names.map(async (name) => {
        try {
          loaded.set(name, await loadList({ connection, name, deadlineAt, log, upstream }));
        } catch (error) {
          loaded.set(name, undefined);
          const reason = error instanceof AppError ? error.message : undefined;
          log.warn("upstream's list not read", { upstream, list: name, reason, error });
        }
      }),
    );
    return loaded;
  }

  #apply(server: ServerDescription, loaded: ReadonlyMap<ListName, LoadedList | undefined>, downs: number): void {
    const change: Partial<Record<ListName, readonly JsonObject[]>> & { server?: ServerDescription } = {};
    let ttlMs = Number.POSITIVE_INFINITY;
    let failures = 0;
    for (const [name, list] of loaded) {
      if (list === undefined) failures++;
      else if (this.#isNew(name, list.entries)) change[name] = list.entries;
      if (list?.ttlMs !== undefined && list.ttlMs > 0) ttlMs = Math.min(ttlMs, list.ttlMs);
    }
    const keepsMs = Math.max(leastTtlMs, Number.isFinite(ttlMs) ? ttlMs : usualTtlMs);
    this.#dueAt = this.#options.clock.now() + (failures > 0 ? retryMs : keepsMs);
    if (failures === loaded.size) return;
    if (this.#isNew("server", identityOf(server))) change.server = server;
    const state = downs === this.#downs ? "current" : "stale";
    if (Object.keys(change).length > 0 || state !== this.#catalogue.state) this.#replace({ ...change, state });
  }

  /** Compares with what is known, by a digest: entries may be many. */
  #isNew(name: string, value: JsonValue): boolean {
    const digest = createHash("sha256").update(stringifyJson(value)).digest("base64");
    if (this.#digests.get(name) === digest) return false;
    this.#digests.set(name, digest);
    return true;
  }

  #replace(change: Partial<Omit<Catalogue, "version">>): void {
    this.#catalogue = { ...this.#catalogue, ...change, version: this.#catalogue.version + 1 };
    this.#options.onChange();
  }
}

/** What clients may come to see of a server. */
function identityOf({ protocolVersion, info, capabilities, instructions }: ServerDescription): JsonValue {
  return [protocolVersion, info, capabilities, instructions ?? null];
}
