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

interface ServerMetrics {
  /** By name. */
  readonly tools: Map<string, ToolMetrics>;
  /** Names of tools that MCP upstreams offer, by the upstream's key. */
  readonly proxied: Map<string, Set<string>>;
}

/**
 * Counters of the data plane, written as Prometheus text on scrape. Labels come from configuration
 * and, bounded, from the names of upstreams' tools: a client cannot make a series.
 */
export class Metrics {
  readonly #servers = new Map<string, ServerMetrics>();
  readonly #responses = new Float64Array(mostStatus + 1);
  requests = 0;
  refusedMessages = 0;

  /** The counters of a tool, kept across reloads. */
  forTool(server: string, tool: string): ToolMetrics {
    const { tools } = this.#of(server);
    let metrics = tools.get(tool);
    if (metrics === undefined) {
      metrics = new ToolMetrics(server, tool);
      tools.set(tool, metrics);
    }
    return metrics;
  }

  /** The counters of a tool of an MCP upstream; beyond a bound all others of the upstream share one. */
  forProxiedTool({ server, upstream, tool }: { server: string; upstream: string; tool: string }): ToolMetrics {
    const { proxied } = this.#of(server);
    const offered = proxied.get(upstream) ?? new Set();
    proxied.set(upstream, offered);
    const isCounted = offered.size < maxProxiedTools || offered.has(tool);
    const metrics = this.forTool(server, isCounted ? tool : `(other tools of ${upstream})`);
    offered.add(metrics.tool);
    return metrics;
  }

  /**
   * Forgets the tools of a server that its document has no more.
   *
   * @param upstreams keys of the server's MCP upstreams: what they offered stays
   */
  retain(server: string, used: ReadonlySet<ToolMetrics>, upstreams: ReadonlySet<string>): void {
    const { tools, proxied } = this.#of(server);
    const offered = new Set<string>();
    for (const [upstream, names] of proxied) {
      if (upstreams.has(upstream)) for (const name of names) offered.add(name);
      else proxied.delete(upstream);
    }
    for (const [name, metrics] of tools) if (!used.has(metrics) && !offered.has(name)) tools.delete(name);
    if (tools.size === 0) this.#servers.delete(server);
  }

  #of(server: string): ServerMetrics {
    let metrics = this.#servers.get(server);
    if (metrics === undefined) {
      metrics = { tools: new Map(), proxied: new Map() };
      this.#servers.set(server, metrics);
    }
    return metrics;
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
    const called: ToolMetrics[] = [];
    for (const { tools } of this.#servers.values()) {
      for (const tool of tools.values()) if (tool.calls > 0) called.push(tool);
    }
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
