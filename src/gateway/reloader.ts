import type { ConfigRead, ConfigReader, SourceDocument, TenantSecrets } from "../core/config-source.ts";
import { AppError } from "../core/errors.ts";
import type { JudgementStore } from "../core/judgement.ts";
import type { PinStore } from "../core/pin-store.ts";
import type { LocatedProblem } from "../core/problem.ts";
import { type Candidate, type Claim, inClaimOrder } from "./compile/claim-servers.ts";
import type { CompiledServer } from "./compile/compiled-server.ts";
import { DocumentCompiler } from "./compile/document-compiler.ts";
import { SecretPrints } from "./compile/secret-prints.ts";
import type { GatewayState } from "./gateway-state.ts";
import { notifyChanges, prepareComparison } from "./notify-changes.ts";
import { ServedSet } from "./served-set.ts";
import { Slices } from "./slices.ts";
import type { Snapshot } from "./snapshot.ts";
import { UnusedParts } from "./unused-parts.ts";
import type { UpstreamPool } from "./upstream-pool.ts";

/** What became of one document. */
export interface DocumentStatus {
  readonly key: string;
  readonly hash: string;
  /** `tenant/name` of what is served; undefined when nothing of it is. */
  readonly server: string | undefined;
  /** `kept`: this version is refused and the last good one serves on. */
  readonly state: "served" | "kept" | "refused";
  readonly problems: readonly LocatedProblem[];
}

export interface ReloadReport {
  readonly revision: string;
  /** Of the store that documents come from; 0 when none do. */
  readonly storeRevision: number;
  readonly changed: boolean;
  readonly documents: readonly DocumentStatus[];
}

interface Entry extends Candidate {
  readonly hash: string;
  readonly tenant: string;
  /** Of the secrets that its templates read. */
  readonly secretNames: readonly string[];
  /** Changes with the values of these secrets. */
  readonly secretsPrint: string;
  readonly problems: readonly LocatedProblem[];
}

export interface ReloaderOptions {
  readonly state: GatewayState;
  readonly reader: ConfigReader;
  readonly pool: UpstreamPool;
  readonly pins: PinStore;
  readonly secrets: TenantSecrets;
  /** Closed by whoever opened it. */
  readonly judgements?: JudgementStore | undefined;
  /** A served document cannot be compiled although it was judged good: the next reload refuses it. */
  readonly onMisjudged: () => void;
}

/** How often requests that wait for their document are tried again while the first load is under way. */
const earlyMs = 20;

/**
 * Turns configuration into the served snapshot, as a transaction: read all, judge each document by
 * itself, compile beside what is served, swap one reference. An unchanged document costs a look-up.
 */
export class Reloader {
  readonly #options: ReloaderOptions;
  readonly #unused: UnusedParts;
  readonly #compiler: DocumentCompiler;
  /** Keys of documents that are to be judged again, though they are the same. */
  readonly #misjudged = new Set<string>();
  /** As they were read last, in their order. */
  #entries: readonly Entry[] = [];
  #byKey: ReadonlyMap<string, Entry> = new Map();
  #served: ReadonlyMap<string, CompiledServer> = new Map();
  /** Compiled, but another document has their name or prefix. */
  #waiting: readonly CompiledServer[] = [];
  #report: ReloadReport = { revision: "", storeRevision: 0, changed: false, documents: [] };
  #running: Promise<ReloadReport> | undefined;
  #next: Promise<ReloadReport> | undefined;
  #isLoaded = false;
  #secretsAreAway = false;

  constructor(options: ReloaderOptions) {
    this.#options = options;
    const { state, pool, pins, secrets, judgements } = options;
    this.#unused = new UnusedParts(state, pool);
    this.#compiler = new DocumentCompiler({
      pool,
      pins,
      secrets,
      judgements,
      metrics: state.metrics,
      log: state.log,
      onMisjudged: (key) => this.#judgeAgain(key),
    });
  }

  get report(): ReloadReport {
    return this.#report;
  }

  /**
   * Reads configuration and serves it. Reloads never overlap; requests that come meanwhile share the
   * one that follows. Fails when configuration cannot be read at all; what is served stays.
   */
  reload(): Promise<ReloadReport> {
    if (this.#running === undefined) {
      this.#running = this.#load().finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.reload();
      });
    return this.#next;
  }

  async #load(): Promise<ReloadReport> {
    await this.#refreshSecrets();
    this.#unused.hold();
    try {
      const { entries, read, early } = await this.#read();
      const { revision, storeRevision = 0 } = read;
      if (early === undefined && isSame(entries, this.#entries)) {
        this.#report = { ...this.#report, revision, storeRevision, changed: false };
      } else {
        const { changed, documents } = await this.#accept(entries, early ?? (await claimAll(entries)), revision);
        this.#report = { revision, storeRevision, changed, documents };
      }
      return this.#report;
    } finally {
      this.#unused.resume(this.#waiting);
    }
  }

  /** Values that cannot be read stay as they are known. */
  async #refreshSecrets(): Promise<void> {
    const { secrets, state } = this.#options;
    try {
      await secrets.refresh();
      if (this.#secretsAreAway) state.log.info("secrets are read again");
      this.#secretsAreAway = false;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "unavailable") throw error;
      if (!this.#secretsAreAway) state.log.warn("secrets cannot be read; the known values stay", { error });
      this.#secretsAreAway = true;
    }
  }

  /**
   * Reads and compiles. At the start documents are served as they come, so that the first call need not wait
   * for the last document: who claims a name or prefix first is the same as in the end.
   */
  async #read(): Promise<{ entries: Entry[]; read: ConfigRead; early: ServedSet<Entry> | undefined }> {
    const { state, reader, secrets } = this.#options;
    const prints = new SecretPrints(secrets);
    const entries: Entry[] = [];
    this.#compiler.begin();
    const early = this.#isLoaded ? undefined : new ServedSet<Entry>();
    if (early !== undefined) state.snapshot = early.snapshot("");
    let progressedAt = performance.now();
    const read = await reader.read((source) => {
      const entry = this.#compile(source, prints);
      entries.push(entry);
      if (early === undefined) return;
      early.add(entry);
      if (performance.now() - progressedAt < earlyMs) return;
      state.loading?.progressed();
      progressedAt = performance.now();
    });
    if (early !== undefined) this.#compiler.finishFirst();
    return { entries, read, early };
  }

  #compile(source: SourceDocument, prints: SecretPrints): Entry {
    const before = this.#byKey.get(source.key);
    const isMisjudged = this.#misjudged.delete(source.key);
    if (!isMisjudged && before !== undefined && isUnchanged(before, source, prints)) {
      return before.source === source ? before : { ...before, source };
    }
    const { key, hash } = source;
    const lastGood = isMisjudged ? undefined : before?.lastGood;
    if (before !== undefined) this.#compiler.forget(before.source);
    const { server, touched, ...verdict } = this.#compiler.compile(source, lastGood?.isCompiled ?? false);
    for (const serverKey of [before?.compiled?.key, touched]) {
      if (serverKey !== undefined) this.#unused.touch(serverKey);
    }
    // What clients are told of a change is found here, in slices, rather than in the swap.
    if (server?.isCompiled === true && lastGood?.isCompiled === true) prepareComparison(server, lastGood);
    const secretsPrint = prints.of(verdict.tenant, verdict.secretNames);
    return { key, hash, source, compiled: server, lastGood, secretsPrint, ...verdict };
  }

  /** What was judged good is broken: a store whose texts somebody changed without it, or an error of this program. */
  #judgeAgain(key: string): void {
    this.#misjudged.add(key);
    this.#options.state.log.error("a document is not as it was judged; it is judged again", { document: key });
    this.#options.onMisjudged();
  }

  /** Serves what documents have claimed. */
  async #accept(
    entries: readonly Entry[],
    served: ServedSet<Entry>,
    revision: string,
  ): Promise<Pick<ReloadReport, "changed" | "documents">> {
    const accepted: Entry[] = [];
    const byKey = new Map<string, Entry>();
    const documents: DocumentStatus[] = [];
    const changed: CompiledServer[] = [];
    const waiting: CompiledServer[] = [];
    const slices = new Slices();
    for (const entry of entries) {
      const claim = served.claims.get(entry.key);
      if (claim === undefined) continue;
      const { server } = claim;
      const known = entry.lastGood === server ? entry : { ...entry, lastGood: server };
      accepted.push(known);
      byKey.set(entry.key, known);
      documents.push(describe(claim));
      if (server !== undefined && this.#served.get(server.key) !== server) changed.push(server);
      if (entry.compiled !== undefined && entry.compiled !== server) waiting.push(entry.compiled);
      if (slices.isDue) await slices.rest();
    }
    const isChanged = !this.#isLoaded || changed.length > 0 || this.#served.size !== served.servers.size;
    if (isChanged) await this.#touchReplaced(served.servers, slices);
    this.#entries = accepted;
    this.#byKey = byKey;
    this.#waiting = waiting;
    if (isChanged) this.#swap(served.snapshot(revision), changed);
    this.#isLoaded = true;
    return { changed: isChanged, documents };
  }

  async #touchReplaced(after: ReadonlyMap<string, CompiledServer>, slices: Slices): Promise<void> {
    for (const [key, server] of this.#served) {
      if (after.get(key) !== server) this.#unused.touch(key);
      if (slices.isDue) await slices.rest();
    }
  }

  #swap(after: Snapshot, changed: readonly CompiledServer[]): void {
    const { state } = this.#options;
    const before = state.snapshot;
    state.snapshot = after;
    openEager(changed);
    // Whoever came during the first load has seen what is served now.
    notifyChanges(state, { before, after, changed: this.#isLoaded ? changed : [] });
    this.#served = after.servers;
    this.#unused.replaced(before);
  }
}

/** Judged anew, all together; the documents keep their order. */
async function claimAll(entries: readonly Entry[]): Promise<ServedSet<Entry>> {
  const served = new ServedSet<Entry>();
  const slices = new Slices();
  for (const entry of inClaimOrder(entries)) {
    served.add(entry);
    if (slices.isDue) await slices.rest();
  }
  return served;
}

function isUnchanged({ hash, tenant, secretNames, secretsPrint }: Entry, source: SourceDocument, prints: SecretPrints) {
  return hash === source.hash && secretsPrint === prints.of(tenant, secretNames);
}

function isSame(entries: readonly Entry[], before: readonly Entry[]): boolean {
  return entries.length === before.length && entries.every((entry, i) => entry === before[i]);
}

function describe({ entry, server, state, problems }: Claim<Entry>): DocumentStatus {
  const all = problems.length === 0 ? entry.problems : [...entry.problems, ...problems];
  return { key: entry.key, hash: entry.hash, server: server?.key, state, problems: all };
}

/** Upstreams that are to be connected before anybody asks for them. */
function openEager(servers: readonly CompiledServer[]): void {
  for (const server of servers) {
    // One that is compiled by its first call has no such upstream.
    if (!server.isCompiled) continue;
    for (const upstream of server.upstreams) if (upstream.kind === "mcp" && upstream.config.eager) upstream.open();
  }
}
