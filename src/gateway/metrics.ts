import { Histogram, type MetricSample, writeHistograms, writeSample } from "../core/metrics-text.ts";

/** Most tools of one MCP upstream that are counted one by one: their names are not configuration's. */
const maxProxiedTools = 1_000;

/** HTTP statuses end here (RFC 9110, 15). */
const mostStatus = 599;

/** Calls of one tool. Plain numbers: counting must cost next to nothing on the hot path. */
export class ToolMetrics {
  readonly server: string;
  readonly tool: string;
  ok = 0;
  failed = 0;
  refused = 0;
  cancelled = 0;
  readonly times = new Histogram();

  constructor(server: string, tool: string) {
    this.server = server;
    this.tool = tool;
  }

  get calls(): number {
    return this.ok + this.failed + this.refused + this.cancelled;
  }

  observe(milliseconds: number): void {
    this.times.observe(milliseconds);
  }
}

/**
 * Counters of the data plane, written as Prometheus text on scrape. Labels come from configuration
 * and, bounded, from the names of upstreams' tools: a client cannot make a series.
 */
export class Metrics {
  readonly #tools = new Map<string, ToolMetrics>();
  /** Keys of `#tools` that MCP upstreams offer, by `server\nupstream`. */
  readonly #proxied = new Map<string, Set<string>>();
  readonly #responses = new Float64Array(mostStatus + 1);
  requests = 0;
  refusedMessages = 0;

  /** The counters of a tool, kept across reloads. */
  forTool(server: string, tool: string): ToolMetrics {
    const key = `${server}\n${tool}`;
    let metrics = this.#tools.get(key);
    if (metrics === undefined) {
      metrics = new ToolMetrics(server, tool);
      this.#tools.set(key, metrics);
    }
    return metrics;
  }

  /** The counters of a tool of an MCP upstream; beyond a bound all others of the upstream share one. */
  forProxiedTool({ server, upstream, tool }: { server: string; upstream: string; tool: string }): ToolMetrics {
    const key = `${server}\n${upstream}`;
    const offered = this.#proxied.get(key) ?? new Set();
    this.#proxied.set(key, offered);
    const isCounted = offered.size < maxProxiedTools || offered.has(`${server}\n${tool}`);
    const metrics = this.forTool(server, isCounted ? tool : `(other tools of ${upstream})`);
    offered.add(`${server}\n${metrics.tool}`);
    return metrics;
  }

  /**
   * Forgets tools that no served document has any more.
   *
   * @param upstreams `server\nupstream` of the MCP upstreams that are served: what they offered stays
   */
  retain(used: ReadonlySet<ToolMetrics>, upstreams: ReadonlySet<string>): void {
    const offered = new Set<string>();
    for (const [upstream, keys] of this.#proxied) {
      if (upstreams.has(upstream)) for (const key of keys) offered.add(key);
      else this.#proxied.delete(upstream);
    }
    for (const [key, metrics] of this.#tools) if (!used.has(metrics) && !offered.has(key)) this.#tools.delete(key);
  }

  countResponse(status: number): void {
    this.#responses[status] = (this.#responses[status] ?? 0) + 1;
  }

  /** The Prometheus exposition text (format 0.0.4) of everything counted here and of `samples`. */
  render(samples: readonly MetricSample[]): string {
    const lines: string[] = [];
    const requests = { labels: {}, value: this.requests };
    writeSample(lines, {
      name: "passerelle_http_requests_total",
      help: "HTTP requests taken.",
      kind: "counter",
      values: [requests],
    });
    writeSample(lines, {
      name: "passerelle_http_responses_total",
      help: "HTTP responses by status.",
      kind: "counter",
      values: [...this.#responses.entries()]
        .filter(([, value]) => value > 0)
        .map(([status, value]) => ({ labels: { status: String(status) }, value })),
    });
    this.#renderTools(lines);
    for (const sample of samples) writeSample(lines, sample);
    return `${lines.join("\n")}\n`;
  }

  /** Tools that were never called have no series: ten thousand of them would be 20 MB of zeros. */
  #renderTools(lines: string[]): void {
    const called = [...this.#tools.values()].filter((tool) => tool.calls > 0);
    writeSample(lines, {
      name: "passerelle_tool_calls_total",
      help: "Tool calls by outcome.",
      kind: "counter",
      values: called.flatMap((metrics) =>
        (["ok", "failed", "refused", "cancelled"] as const).map((outcome) => ({
          labels: { server: metrics.server, tool: metrics.tool, outcome },
          value: metrics[outcome],
        })),
      ),
    });
    writeHistograms(lines, {
      name: "passerelle_tool_call_seconds",
      help: "Time of tool calls.",
      values: called.map(({ server, tool, times }) => ({ labels: { server, tool }, times })),
    });
  }
}
