import type { UpstreamStatus } from "../upstreams/http/http-upstream.ts";
import type { McpUpstreamStatus } from "../upstreams/mcp/mcp-upstream.ts";
import type { LeftOut, ToolDrift } from "./catalogue/server-view.ts";
import type { CompiledServer } from "./compile/compiled-server.ts";
import type { ListSizes } from "../core/judgement.ts";
import type { MetricSample } from "../core/metrics-text.ts";
import type { Snapshot } from "./snapshot.ts";
import type { UpstreamHandle } from "./upstream-pool.ts";

/** Most entries that `/status` tells of one upstream; a number says how many there are. */
const maxTold = 100;

/** How long the lists of a server are, as they were made last. */
export function describeLists(server: CompiledServer): ListSizes {
  if (!server.isCompiled) return server.sizes;
  const { tools, prompts, lists } = server.catalogue.latest();
  return {
    tools: tools.size,
    prompts: prompts.size,
    resources: lists.resources.size + lists.resourceTemplates.size,
  };
}

/** One upstream for `/status`: how it does, and what of an MCP server is not shown or has drifted. */
export function describeUpstream({ servers }: Snapshot, handle: UpstreamHandle): Readonly<Record<string, unknown>> {
  const { server, name: upstream, running } = handle;
  const described = { server, upstream, ...running?.status() };
  if (handle.kind !== "mcp") return described;
  const view = servers.get(server)?.catalogue.latest();
  return {
    ...described,
    ...tell("leftOut", (view?.leftOut ?? []).filter(ofUpstream(upstream))),
    ...tell("drifts", (view?.drifts ?? []).filter(ofUpstream(upstream))),
  };
}

function ofUpstream(name: string): (entry: LeftOut | ToolDrift) => boolean {
  return ({ upstream }) => upstream === name;
}

function tell(key: "leftOut" | "drifts", entries: readonly (LeftOut | ToolDrift)[]): Readonly<Record<string, unknown>> {
  const told = entries.slice(0, maxTold).map(({ upstream: _upstream, ...entry }) => entry);
  return entries.length === 0 ? {} : { [key]: told, [`${key}Count`]: entries.length };
}

/** A running upstream with its status, by what kind it is. */
type Running =
  | { readonly handle: UpstreamHandle; readonly http: UpstreamStatus; readonly mcp?: undefined }
  | { readonly handle: UpstreamHandle; readonly http?: undefined; readonly mcp: McpUpstreamStatus };

/**
 * The gauges of the served upstreams that have been opened. One that a reload has replaced may still be
 * needed by its last calls; it has the labels of its successor, so it is not among them.
 */
export function upstreamSamples({ servers }: Snapshot, handles: Iterable<UpstreamHandle>): MetricSample[] {
  const served = [...handles].filter((handle) => servers.get(handle.server)?.upstreams.includes(handle) === true);
  const running = served.flatMap(statusOf);
  const sample = (name: string, help: string, pick: (upstream: Running) => number | undefined): MetricSample => ({
    name,
    help,
    kind: "gauge",
    values: running.flatMap((upstream) => {
      const value = pick(upstream);
      const labels = { server: upstream.handle.server, upstream: upstream.handle.name };
      return value === undefined ? [] : [{ labels, value }];
    }),
  });
  return [
    sample("passerelle_upstream_in_flight", "Requests under way to the upstream.", ({ http, mcp }) =>
      http === undefined ? mcp.inFlight : http.running,
    ),
    sample("passerelle_upstream_waiting", "Calls that wait for a free place.", ({ http }) => http?.waiting),
    sample(
      "passerelle_upstream_breaker_open",
      "1 while the circuit breaker is not closed.",
      ({ http }) => http && Number(http.breaker !== "closed"),
    ),
    sample("passerelle_upstream_up", "0 while an MCP upstream is down.", ({ mcp }) => mcp && Number(isUp(mcp))),
    sample("passerelle_upstream_connections", "Connections with an MCP upstream.", ({ mcp }) => mcp?.connections),
    sample("passerelle_upstream_watches", "Subscriptions at an MCP upstream.", ({ mcp }) => mcp?.watches),
    {
      ...sample("passerelle_upstream_restarts_total", "Connections opened anew.", ({ mcp }) => mcp?.restarts),
      kind: "counter",
    },
  ];
}

function statusOf(handle: UpstreamHandle): Running[] {
  switch (handle.kind) {
    case "http":
      return handle.running === undefined ? [] : [{ handle, http: handle.running.status() }];
    case "mcp":
      return handle.running === undefined ? [] : [{ handle, mcp: handle.running.status() }];
  }
}

/** One that rests is not down: the next call opens it. */
function isUp({ state, catalogue }: McpUpstreamStatus): boolean {
  return state !== "failed" && catalogue.state !== "stale";
}
