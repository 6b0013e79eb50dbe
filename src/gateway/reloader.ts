import type { ConfigReader, SecretSource, SourceDocument } from "../core/config-source.ts";
import type { ServerDocument } from "../core/config/document.ts";
import type { JsonValue } from "../core/json.ts";
import { stringifyJson } from "../core/lossless-json.ts";
import type { PinStore } from "../core/pin-store.ts";
import type { LocatedProblem } from "../core/problem.ts";
import { type Candidate, type Claim, claimServers } from "./compile/claim-servers.ts";
import { locateProblem } from "./compile/locate-problem.ts";
import { compileServer } from "./compile/compile-server.ts";
import { fingerprintSecrets } from "./compile/fingerprint-secrets.ts";
import type { GatewayState } from "./gateway-state.ts";
import type { ToolMetrics } from "./metrics.ts";
import { prepareComparison, notifyChanges } from "./notify-changes.ts";
import type { CompiledServer } from "./compile/compiled-server.ts";
import { Snapshot } from "./snapshot.ts";
import type { UpstreamHandle, UpstreamPool } from "./upstream-pool.ts";

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
  readonly changed: boolean;
  readonly documents: readonly DocumentStatus[];
}

interface Entry extends Candidate {
  readonly hash: string;
  /** Changes with the values of the secrets that the document names. */
  readonly secretsPrint: string;
  readonly problems: readonly LocatedProblem[];
}

export interface ReloaderOptions {
  readonly state: GatewayState;
  readonly reader: ConfigReader;
  readonly pool: UpstreamPool;
  readonly pins: PinStore;
  readonly secrets: SecretSource;
}

/** How often the growing set of servers is shown while the first load is under way. */
const earlyMs = 20;

/**
 * Turns configuration into the served snapshot, as a transaction: read all, judge each document by
 * itself, compile beside what is served, swap one reference.
 */
export class Reloader {
  readonly #options: ReloaderOptions;
  #entries: ReadonlyMap<string, Entry> = new Map();
  #report: ReloadReport = { revision: "", changed: false, documents: [] };
  #running: Promise<ReloadReport> | undefined;
  #next: Promise<ReloadReport> | undefined;
  #isLoaded = false;
  #servedEarlyAt = Number.NEGATIVE_INFINITY;
  /** Replaced snapshots that are still leased. */
  readonly #leaving = new Set<Snapshot>();

  constructor(options: ReloaderOptions) {
    this.#options = options;
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
    const entries: Entry[] = [];
    const { reader } = this.#options;
    const read = await reader.read((source) => {
      entries.push(this.#compile(source));
      if (!this.#isLoaded) this.#serveEarly(entries);
    });
    const served = claimServers(entries, new Set(this.#servedKeys()));
    const documents = [...served.values()].map(({ entry, server, problems, state }) => ({
      key: entry.key,
      hash: entry.hash,
      server: server?.key,
      state,
      problems: [...entry.problems, ...problems],
    }));
    this.#entries = new Map([...served].map(([key, { entry, server }]) => [key, { ...entry, lastGood: server }]));
    const changed = this.#swap(read.revision, serversOf(served));
    this.#isLoaded = true;
    this.#report = { revision: read.revision, changed, documents };
    return this.#report;
  }

  /**
   * At the start documents are served as they come, so that the first call need not wait for the last
   * document. Who claims a name or prefix first is the same as in the end: documents keep their order.
   */
  #serveEarly(entries: readonly Entry[]): void {
    const now = performance.now();
    if (now - this.#servedEarlyAt < earlyMs) return;
    this.#servedEarlyAt = now;
    const { state } = this.#options;
    state.snapshot = new Snapshot("", serversOf(claimServers(entries, new Set())));
    state.loading?.progressed();
  }

  *#servedKeys(): Iterable<string> {
    for (const entry of this.#entries.values()) if (entry.lastGood !== undefined) yield entry.key;
  }

  #compile(source: SourceDocument): Entry {
    const before = this.#entries.get(source.key);
    const { state, pool, pins, secrets } = this.#options;
    const { key, hash } = source;
    const secretsPrint = source.document === undefined ? "" : fingerprintSecrets(textOf(source.document), secrets);
    if (before?.hash === hash && before.secretsPrint === secretsPrint) return { ...before, source };
    const lastGood = before?.lastGood;
    if (source.document === undefined) {
      return { key, hash, secretsPrint, source, compiled: undefined, lastGood, problems: source.problems };
    }
    const { server, problems } = compileServer(source.document, source.baseDirectory, {
      pool,
      secrets,
      metrics: state.metrics,
      pins,
      log: state.log,
      deep: false,
    });
    // What clients are told of a change is found here, in slices, rather than in the swap.
    if (server !== undefined && lastGood !== undefined) prepareComparison(server, lastGood);
    return {
      key,
      hash,
      secretsPrint,
      source,
      compiled: server,
      lastGood,
      problems: [...source.problems, ...problems.map((problem) => locateProblem(source, problem))],
    };
  }

  #swap(revision: string, servers: ReadonlyMap<string, CompiledServer>): boolean {
    const { state } = this.#options;
    const before = state.snapshot;
    const changed =
      before.servers.size !== servers.size || [...servers].some(([key, server]) => before.servers.get(key) !== server);
    if (!changed && this.#isLoaded) return false;
    const after = new Snapshot(revision, servers);
    state.snapshot = after;
    openEager(after);
    notifyChanges(state, before, after);
    this.#leaving.add(before);
    before.whenReleased(() => {
      this.#leaving.delete(before);
      this.#releaseUnused();
    });
    return true;
  }

  #releaseUnused(): void {
    const { state, pool } = this.#options;
    const handles = new Set<UpstreamHandle>();
    const metrics = new Set<ToolMetrics>();
    const offering = new Set<string>();
    for (const snapshot of [state.snapshot, ...this.#leaving]) {
      for (const server of snapshot.servers.values()) {
        for (const handle of server.upstreams) {
          handles.add(handle);
          if (handle.kind === "mcp") offering.add(`${server.key}\n${handle.name}`);
        }
        for (const tool of server.parts.tools.values()) metrics.add(tool.metrics);
      }
    }
    state.metrics.retain(metrics, offering);
    for (const closing of pool.retain(handles)) {
      closing.catch((error: unknown) => state.log.warn("upstream did not close", { error }));
    }
  }
}

/** Upstreams that are to be connected before anybody asks for them. */
function openEager({ servers }: Snapshot): void {
  for (const { upstreams } of servers.values()) {
    for (const upstream of upstreams) if (upstream.kind === "mcp" && upstream.config.eager) upstream.open();
  }
}

function textOf(document: ServerDocument): string {
  return stringifyJson(document as unknown as JsonValue); // it was read from YAML
}

function serversOf(claims: ReadonlyMap<string, Claim<Entry>>): Map<string, CompiledServer> {
  const servers = new Map<string, CompiledServer>();
  for (const { server } of claims.values()) if (server !== undefined) servers.set(server.key, server);
  return servers;
}
