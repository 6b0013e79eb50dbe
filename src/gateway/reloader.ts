import type { ConfigReader, SecretSource, SourceDocument } from "../core/config-source.ts";
import type { ServerDocument } from "../core/config/document.ts";
import type { JsonValue } from "../core/json.ts";
import { stringifyJson } from "../core/lossless-json.ts";
import type { LocatedProblem, Problem } from "../core/problem.ts";
import { claimServers, type Candidate } from "./claim-servers.ts";
import { compileServer } from "./compile-server.ts";
import { fingerprintSecrets } from "./fingerprint-secrets.ts";
import type { GatewayState } from "./gateway-state.ts";
import type { ToolMetrics } from "./metrics.ts";
import { notifyChanges } from "./notify-changes.ts";
import { type CompiledServer, Snapshot } from "./snapshot.ts";
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
  readonly secrets: SecretSource;
}

/** Work is cut into slices of this length, so that calls flow while thousands of tools compile. */
const sliceMs = 4;

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
    const read = await this.#options.reader.read();
    const entries = await this.#compileAll(read.documents);
    const served = claimServers(entries, new Set(this.#servedKeys()));
    const documents = [...served.values()].map(({ entry, server, problems, state }) => ({
      key: entry.key,
      hash: entry.hash,
      server: server?.key,
      state,
      problems: [...entry.problems, ...problems],
    }));
    const servers = new Map<string, CompiledServer>();
    const kept = new Map<string, Entry>();
    for (const [key, { entry, server }] of served) {
      if (server !== undefined) servers.set(server.key, server);
      kept.set(key, { ...entry, lastGood: server });
    }
    this.#entries = kept;
    const changed = this.#swap(read.revision, servers);
    this.#report = { revision: read.revision, changed, documents };
    return this.#report;
  }

  *#servedKeys(): Iterable<string> {
    for (const entry of this.#entries.values()) if (entry.lastGood !== undefined) yield entry.key;
  }

  async #compileAll(documents: readonly SourceDocument[]): Promise<Entry[]> {
    const entries: Entry[] = [];
    let sliceEnd = performance.now() + sliceMs;
    for (const source of documents) {
      entries.push(this.#compile(source));
      if (performance.now() < sliceEnd) continue;
      await new Promise((resolve) => setImmediate(resolve));
      sliceEnd = performance.now() + sliceMs;
    }
    return [...entries, ...this.#orphans(documents)];
  }

  #compile(source: SourceDocument): Entry {
    const before = this.#entries.get(source.key);
    const { state, pool, secrets } = this.#options;
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
      deep: false,
    });
    return {
      key,
      hash,
      secretsPrint,
      source,
      compiled: server,
      lastGood,
      problems: [...source.problems, ...problems.map((problem) => locate(source, problem))],
    };
  }

  /** Documents of a file that is broken as a whole are not there to be read: they serve on. */
  #orphans(documents: readonly SourceDocument[]): Entry[] {
    const present = new Set(documents.map(({ key }) => key));
    const brokenFiles = new Set(
      documents.filter(({ document }) => document === undefined).map(({ key }) => fileOf(key)),
    );
    return [...this.#entries.values()].filter(
      (entry) => !present.has(entry.key) && brokenFiles.has(fileOf(entry.key)) && entry.lastGood !== undefined,
    );
  }

  #swap(revision: string, servers: ReadonlyMap<string, CompiledServer>): boolean {
    const { state } = this.#options;
    const before = state.snapshot;
    const changed =
      before.servers.size !== servers.size || [...servers].some(([key, server]) => before.servers.get(key) !== server);
    if (!changed) return false;
    const after = new Snapshot(revision, servers);
    state.snapshot = after;
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
    for (const snapshot of [state.snapshot, ...this.#leaving]) {
      for (const server of snapshot.servers.values()) {
        for (const handle of server.upstreams) handles.add(handle);
        for (const tool of server.tools.values()) metrics.add(tool.metrics);
      }
    }
    state.metrics.retain(metrics);
    for (const closing of pool.retain(handles)) {
      closing.catch((error: unknown) => state.log.warn("upstream did not close", { error }));
    }
  }
}

function textOf(document: ServerDocument): string {
  return stringifyJson(document as unknown as JsonValue); // it was read from YAML
}

function locate(source: SourceDocument, problem: Problem): LocatedProblem {
  return { ...problem, ...source.locate(problem.path, problem.atKey) };
}

function fileOf(key: string): string {
  const hash = key.lastIndexOf("#");
  return hash === -1 ? key : key.slice(0, hash);
}
