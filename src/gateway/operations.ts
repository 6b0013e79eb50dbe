import type { IncomingMessage, ServerResponse } from "node:http";
import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import { describeDocument } from "../core/config/describe.ts";
import type { CompiledServer } from "./compile/compiled-server.ts";
import { writeJson } from "./endpoints/http-json.ts";
import type { GatewayState } from "./gateway-state.ts";
import type { Listener } from "./listener.ts";
import type { MetricSample } from "../core/metrics-text.ts";
import { answerProbe } from "./probes.ts";
import type { Reloader } from "./reloader.ts";
import { pathOf } from "./route-table.ts";
import { Slices } from "./slices.ts";
import type { UpstreamPool } from "./upstream-pool.ts";
import { type ReceiveNotice, takeNotice } from "./take-notice.ts";
import { describeLists, describeUpstream, upstreamSamples } from "./upstream-report.ts";

export interface OperationsOptions {
  readonly state: GatewayState;
  readonly reloader: Reloader;
  readonly pool: UpstreamPool;
  readonly listener: Listener;
  readonly version: string;
  /** Takes `POST /notify`; without it there is no such address. */
  readonly receiveNotice?: ReceiveNotice | undefined;
}

const delayResolutionMs = 10;

/** What operators and scrapers ask on the operations port: probes, metrics, status. Only `/notify` is not a reading. */
export class Operations {
  readonly #options: OperationsOptions;
  readonly #delay: IntervalHistogram;

  constructor(options: OperationsOptions) {
    this.#options = options;
    this.#delay = monitorEventLoopDelay({ resolution: delayResolutionMs });
    this.#delay.enable();
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const target = request.url ?? "/";
    const path = pathOf(target);
    const { receiveNotice } = this.#options;
    if (path === "/notify" && receiveNotice !== undefined) {
      if (request.method === "POST") takeNotice(request, response, receiveNotice);
      else writeJson(response, 405, '{"error":"Use POST."}', "", ["Allow", "POST"]);
    } else if (path === "/notify") {
      writeJson(response, 404, '{"error":"This gateway takes no notices: it was started without --gateway-token."}');
    } else if (request.method !== "GET" && request.method !== "HEAD") {
      writeJson(response, 405, '{"error":"Use GET."}', "", ["Allow", "GET, HEAD"]);
    } else if (answerProbe(this.#options.state, path, response)) return;
    else if (path === "/metrics") this.#writeMetrics(response);
    else if (path === "/status") this.#writeStatus(response, target.includes("documents=1"));
    else writeJson(response, 404, '{"error":"Here are /healthz, /readyz, /metrics and /status."}');
  }

  /** The served revision, what became of every document, and what is open. */
  status(): Readonly<Record<string, unknown>> {
    return this.#status([...this.#options.state.snapshot.servers.values()].map(describeServed));
  }

  #status(servers: readonly object[]): Readonly<Record<string, unknown>> {
    const { state, reloader, pool, listener, version } = this.#options;
    const { revision, documents } = reloader.report;
    const { snapshot } = state;
    return {
      version,
      revision,
      draining: state.draining,
      documents,
      servers,
      upstreams: [...pool.running()].map((handle) => describeUpstream(snapshot, handle)),
      sessions: state.sessions.size,
      parked: state.parking.size,
      pendingInput: state.parking.openQuestions + state.sessions.openQuestions,
      listeners: state.listeners.size,
      connections: listener.connections,
    };
  }

  close(): void {
    this.#delay.disable();
  }

  #writeStatus(response: ServerResponse, withDocuments: boolean): void {
    if (!withDocuments) {
      writeJson(response, 200, JSON.stringify(this.status()));
      return;
    }
    this.#describeDocuments().then(
      (servers) => writeJson(response, 200, JSON.stringify(this.#status(servers))),
      (error: unknown) => {
        this.#options.state.log.error("documents could not be described", { error });
        writeJson(response, 500, '{"error":"The documents could not be described; the log of the gateway says why."}');
      },
    );
  }

  /** Documents that nobody has called yet are read for this alone, so it takes a while. */
  async #describeDocuments(): Promise<readonly object[]> {
    const servers: object[] = [];
    const slices = new Slices();
    for (const server of this.#options.state.snapshot.servers.values()) {
      const document = server.readDocument();
      if (document !== undefined) servers.push({ ...describeServed(server), description: describeDocument(document) });
      if (slices.isDue) await slices.rest();
    }
    return servers;
  }

  #writeMetrics(response: ServerResponse): void {
    const body = this.#options.state.metrics.render(this.#samples());
    // Afterwards, so that the scrape itself is not what the next one reports.
    this.#delay.reset();
    response.writeHead(200, [
      "Content-Type",
      "text/plain; version=0.0.4; charset=utf-8",
      "Content-Length",
      String(Buffer.byteLength(body)),
    ]);
    response.end(body);
  }

  #samples(): MetricSample[] {
    const { state, reloader, pool, listener } = this.#options;
    const { heapUsed, rss } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const delay = Math.max(0, this.#delay.max / 1e9 - delayResolutionMs / 1e3);
    const refused = reloader.report.documents.filter(({ state: outcome }) => outcome !== "served").length;
    return [
      gauge("passerelle_sessions", "Live sessions of the legacy revisions.", state.sessions.size),
      gauge("passerelle_parked_calls", "Calls that wait for answers of clients of 2026-07-28.", state.parking.size),
      gauge("passerelle_listeners", "Open subscriptions/listen streams.", state.listeners.size),
      gauge("passerelle_connections", "Open client connections.", listener.connections),
      gauge("passerelle_servers", "Servers that are served.", state.snapshot.servers.size),
      gauge("passerelle_documents_refused", "Documents whose current version is not served.", refused),
      gauge("passerelle_event_loop_max_delay_seconds", "Longest event loop delay since the last scrape.", delay),
      counter(
        "passerelle_refused_requests_total",
        "Requests refused before they became a message.",
        state.metrics.refusedMessages,
      ),
      counter(
        "passerelle_access_log_dropped_total",
        "Access log lines dropped because writing lagged.",
        state.accessLog.dropped,
      ),
      counter("process_cpu_seconds_total", "CPU time of the process.", (user + system) / 1e6),
      gauge("process_resident_memory_bytes", "Resident memory.", rss),
      gauge("nodejs_heap_size_used_bytes", "Used heap.", heapUsed),
      ...upstreamSamples(state.snapshot, pool.running()),
    ];
  }
}

function describeServed(server: CompiledServer): object {
  const routes = server.routes.map(({ prefix }) => prefix);
  return { server: server.key, routes, ...describeLists(server) };
}

function gauge(name: string, help: string, value: number): MetricSample {
  return { name, help, kind: "gauge", values: [{ labels: {}, value }] };
}

function counter(name: string, help: string, value: number): MetricSample {
  return { name, help, kind: "counter", values: [{ labels: {}, value }] };
}
