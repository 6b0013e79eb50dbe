import { installNpmPeers, type NpmPeer } from "../harness/npm-peers.ts";
import { measureRounds, type Variant, type VariantFigures } from "../harness/rounds.ts";
import type { LoadProcess } from "../load/load-process.ts";
import type { Dialect } from "../work.ts";
import { type FleetVariantOptions, programVariant } from "./fleet-variant.ts";
import { npmPeerVariant } from "./peer-variant.ts";
import { type ProxiedServer, proxyVariant } from "./proxy-variant.ts";
import { peerRow, ratioRow } from "./ratio-row.ts";
import type { Bench, RowResult, Suite } from "./suite.ts";

const reference = { letter: "R", copies: ["R", "R copy", "R third"] } as const;

interface ProxyRow {
  readonly name: string;
  readonly work: string;
  readonly factor: number;
  readonly dialect: Dialect;
  readonly server: ProxiedServer;
}

const http = (era: "legacy" | "modern"): ProxiedServer => ({ kind: "http", era, tools: 1 });

const proxyRows: readonly ProxyRow[] = [
  {
    name: "proxy-2025",
    work: "proxied tools/call, 2025-11-25 on both sides",
    factor: 1.35,
    dialect: "legacy",
    server: http("legacy"),
  },
  {
    name: "proxy-2026",
    work: "proxied tools/call, 2026-07-28 on both sides",
    factor: 1.35,
    dialect: "modern",
    server: http("modern"),
  },
  {
    name: "proxy-to-2025",
    work: "proxied tools/call, 2026-07-28 client, 2025-11-25 upstream",
    factor: 1.6,
    dialect: "modern",
    server: http("legacy"),
  },
  {
    name: "proxy-to-2026",
    work: "proxied tools/call, 2025-11-25 client, 2026-07-28 upstream",
    factor: 1.6,
    dialect: "legacy",
    server: http("modern"),
  },
  {
    name: "proxy-stdio",
    work: "proxied tools/call, 2025-11-25 client, stdio upstream",
    factor: 0.9,
    dialect: "legacy",
    server: { kind: "stdio", era: "legacy", tools: 1 },
  },
];

interface PeerRow {
  readonly name: NpmPeer;
  readonly work: string;
  /** The gateway may use at most one of so many parts of the peer's CPU time. */
  readonly share: number;
  /** The row that does the same work. */
  readonly against: string;
}

const peerRows: readonly PeerRow[] = [
  { name: "mcp-proxy", work: "tools/call against mcp-proxy, same stdio child", share: 8, against: "proxy-stdio" },
  { name: "supergateway", work: "tools/call against supergateway, same stdio child", share: 8, against: "proxy-stdio" },
  { name: "fastmcp", work: "tools/call against fastmcp over HTTP", share: 10, against: "proxy-2025" },
];

/** `tools/call` through MCP upstreams against the bare proxy R. */
export const proxiedCalls: Suite = {
  rows: proxyRows.map(({ name, work, factor }) => ({ name, work, limit: `<= ${factor} R` })),
  measure: async (bench, wanted) => {
    const rows = proxyRows.filter(({ name }) => wanted.has(name));
    const all = await measure(bench, rows, []);
    return rows.map(({ name, factor }) => ratioRow({ name, all, limit: factor, reference }));
  },
};

/** Peers are many times slower, so fewer processes than for the fine differences above tell enough. */
const mostPeerProcesses = 3;

/**
 * The same against gateways from npm, one after another: side by side, connections would be idle for
 * longer between two samples than some of them are kept.
 */
export const npmGateways: Suite = {
  rows: peerRows.map(({ name, work, share }) => ({ name, work, limit: `<= 1/${share}` })),
  measure: async (bench, wanted) => {
    const results: RowResult[] = [];
    for (const peer of peerRows.filter(({ name }) => wanted.has(name))) {
      const plan = { ...bench.plan, processes: Math.min(bench.plan.processes, mostPeerProcesses) };
      const rows = proxyRows.filter(({ name }) => name === peer.against);
      results.push(peerRow({ ...peer, all: await measure({ ...bench, plan }, rows, [peer]) }));
    }
    return results;
  },
};

/** Measures rows and peers side by side with three copies of R. */
async function measure(
  bench: Bench,
  rows: readonly ProxyRow[],
  peers: readonly PeerRow[],
): Promise<readonly VariantFigures[]> {
  const load = await bench.workshop.startLoad();
  try {
    return await measureRounds({
      plan: bench.plan,
      base: reference.copies.map((name) => programVariant("proxy", options(bench, load, name, "bare"))),
      variants: [
        ...rows.map(({ name, dialect, server }) => proxyVariant(server, options(bench, load, name, dialect))),
        ...(await peerVariants(bench, load, peers)),
      ],
      random: bench.random,
      onStep: bench.onStep,
    });
  } finally {
    await load.stop();
  }
}

async function peerVariants(bench: Bench, load: LoadProcess, peers: readonly PeerRow[]): Promise<Variant[]> {
  if (peers.length === 0) return [];
  const entries = await installNpmPeers(bench.workshop.resultsFolder);
  return peers.map(({ name }) => npmPeerVariant(name, entries[name], options(bench, load, name, "legacy")));
}

function options(bench: Bench, load: LoadProcess, name: string, dialect: Dialect): FleetVariantOptions {
  return { name, workshop: bench.workshop, load, dialect, work: "call" };
}
