import type { GatewayReport, RefusedDocument, ReportReceiver } from "../core/gateway-registry.ts";
import type { Log } from "../core/log.ts";
import type { Clock } from "../upstreams/mcp/lifecycle/clock.ts";
import type { DocumentStatus, ReloadReport } from "./reloader.ts";

/** What a report says besides what was reloaded. */
export type GatewayFacts = Pick<GatewayReport, "id" | "name" | "version" | "url" | "startedAt">;

export interface ReporterOptions {
  readonly registry: ReportReceiver;
  readonly facts: GatewayFacts;
  /** What is served now. */
  readonly count: () => Pick<GatewayReport, "servers" | "sessions">;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
}

/** How often a gateway says that it is there. */
const reportMs = 10_000;
/** Longest wait for the registry to hear that the gateway ends. */
const leaveMs = 2_000;
/** Most documents that a report names as refused. */
const maxRefused = 1_000;
/** Most problems that it tells of each. */
const maxProblems = 5;

/** Tells the registry what this gateway serves. Never disturbs serving: what goes wrong is logged once. */
export class Reporter {
  readonly #options: ReporterOptions;
  #revision = 0;
  #servedAt = 0;
  #refused: readonly RefusedDocument[] = [];
  #sending: Promise<void> | undefined;
  #again = false;
  #isAway = false;
  #isClosed = false;
  #cancel = (): void => undefined;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#schedule();
  }

  /** A reload has ended: what it changed is reported now. */
  reloaded({ storeRevision: served, documents }: ReloadReport): void {
    const refused = listRefused(documents);
    const isNews = served !== this.#revision || JSON.stringify(refused) !== JSON.stringify(this.#refused);
    if (!isNews && this.#servedAt > 0) return;
    if (served !== this.#revision || this.#servedAt === 0) this.#servedAt = this.#options.now();
    this.#revision = served;
    this.#refused = refused;
    void this.#report();
  }

  /** Says that the gateway ends. Waits for the registry within bounds; may be called twice. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancel();
    const { registry, facts, clock, log } = this.#options;
    let stop = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      stop = clock.after(leaveMs, resolve);
    });
    const leave = async (): Promise<void> => {
      await this.#sending; // a report that came later would bring the gateway back
      await registry.leave(facts.id);
    };
    const left = leave().catch((error: unknown) => log.debug("the end was not reported", { error }));
    await Promise.race([left, late]);
    stop();
  }

  #schedule(): void {
    if (this.#isClosed) return;
    this.#cancel = this.#options.clock.after(reportMs, () => void this.#report().finally(() => this.#schedule()));
  }

  #report(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    if (this.#sending !== undefined) {
      this.#again = true;
      return this.#sending;
    }
    this.#sending = this.#send().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  async #send(): Promise<void> {
    const { registry, facts, count, log } = this.#options;
    do {
      this.#again = false;
      const served = { revision: this.#revision, servedAt: this.#servedAt, refused: this.#refused };
      try {
        await registry.report({ ...facts, ...served, ...count() });
        this.#isAway = false;
      } catch (error) {
        if (!this.#isAway) log.warn("what is served could not be reported", { error });
        this.#isAway = true;
      }
    } while (this.#again && !this.#isClosed);
  }
}

function listRefused(documents: readonly DocumentStatus[]): RefusedDocument[] {
  const refused: RefusedDocument[] = [];
  for (const { key, server, state, problems } of documents) {
    if (state === "served") continue;
    if (refused.length === maxRefused) break;
    refused.push({ ...nameOf(server ?? key), state, problems: problems.slice(0, maxProblems) });
  }
  return refused;
}

/** Keys of stored documents are `tenant/name`; those of files are places, which is the best there is. */
function nameOf(key: string): { readonly tenant: string; readonly name: string } {
  const slash = key.indexOf("/");
  return slash === -1 ? { tenant: "", name: key } : { tenant: key.slice(0, slash), name: key.slice(slash + 1) };
}
