import { join } from "node:path";
import { serverName, writeDocuments } from "../documents.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { httpGet } from "../harness/http-get.ts";
import { listTools } from "../harness/mcp-exchange.ts";
import { pause } from "../harness/pause.ts";
import { quantile } from "../harness/statistics.ts";
import type { LoadProcess } from "../load/load-process.ts";
import type { ProbeReport } from "../load/latency-probe.ts";
import type { Bench, RowResult, Suite } from "./suite.ts";

const servers = 500;
const toolsPerServer = 20;
const limitBlockMs = 20;
/** Longest time a gateway may take to serve what was written. */
const servedWithinMs = 60_000;
/** Largest time between two calls of the event loop since the metric was read last (`/metrics`). */
const delayMetric = "passerelle_event_loop_max_delay_seconds";

const row = {
  name: "reload",
  work: `reload of ${servers} servers with ${servers * toolsPerServer} tools, all changed, while calls flow`,
  limit: `blocked <= ${limitBlockMs} ms, no failed call`,
};

interface Reload {
  /** Longest block of the event loop, as the process itself saw it. */
  readonly blockedMs: number;
  /** From the signal until the last changed list was served. */
  readonly servedMs: number;
}

interface Flow {
  readonly calls: number;
  readonly failures: number;
  readonly firstFailure: string | undefined;
}

/** Reloads of everything under load. */
export const reload: Suite = {
  rows: [row],
  measure: async (bench) => {
    const { workshop } = bench;
    const backend = await workshop.backend();
    const folder = join(workshop.folder, "reload");
    const write = (edition: string): Promise<void> =>
      writeDocuments({ folder, servers, toolsPerServer, backendPort: backend.port, edition });
    bench.onStep("reload: writing documents");
    await write("first");
    const gateway = await startGateway(workshop, { config: folder });
    const calling = await workshop.startLoad();
    const probing = await workshop.startLoad();
    try {
      return [await measure(bench, { gateway, calling, probing, write })];
    } finally {
      await calling.stop();
      await probing.stop();
      await gateway.stop();
    }
  },
};

interface Parts {
  readonly gateway: Gateway;
  readonly calling: LoadProcess;
  readonly probing: LoadProcess;
  readonly write: (edition: string) => Promise<void>;
}

async function measure(bench: Bench, parts: Parts): Promise<RowResult> {
  const { gateway, calling, probing } = parts;
  const target = (server: number) => ({
    port: gateway.port,
    path: `/${serverName(server)}/mcp`,
    dialect: "modern" as const,
  });
  await calling.ask("openFleet", { name: "calls", options: { ...target(7), work: "call", clients: 16 } });
  await calling.ask("drive", { name: "calls", requests: 5_000 });
  await probing.ask("startProbe", { ...target(9), work: "list", intervalMs: 5, clients: 16 });
  const quietMs = await quietDelay(gateway);
  const flow = startFlow(calling);
  const reloads: Reload[] = [];
  const count = bench.mode === "full" ? 5 : 2;
  for (let index = 1; index <= count; index++) {
    bench.onStep(`reload: ${index} of ${count}`);
    reloads.push(await reloadOnce(parts, `edition-${index}`));
  }
  const flowed = await flow.stop();
  return toRow(reloads, flowed, quietMs, await probing.ask("stopProbe", undefined));
}

/** The longest block while calls flow and nothing is reloaded: what the figures below are to be seen against. */
async function quietDelay(gateway: Gateway): Promise<number> {
  await readDelayMs(gateway);
  await pause(1_000);
  return readDelayMs(gateway);
}

/** Keeps calls flowing until `stop`, which gives what became of them. */
function startFlow(calling: LoadProcess): { stop(): Promise<Flow> } {
  let isStopping = false;
  const flow = { calls: 0, failures: 0, firstFailure: undefined as string | undefined };
  const running = (async () => {
    while (!isStopping) {
      const report = await calling.ask("drive", { name: "calls", requests: 500 });
      flow.calls += report.requests;
      flow.failures += report.failures;
      flow.firstFailure ??= report.firstFailure;
    }
  })();
  // stop() hands the failure on; until then nobody waits.
  running.catch(() => undefined);
  return {
    stop: async () => {
      isStopping = true;
      await running;
      return flow;
    },
  };
}

async function reloadOnce({ gateway, write }: Parts, edition: string): Promise<Reload> {
  await readDelayMs(gateway);
  await write(edition);
  const signalled = performance.now();
  gateway.reload();
  const servedBy = signalled + servedWithinMs;
  // Servers are asked one after another, and each until it has changed: then all asked ones have.
  for (const server of [0, servers >> 1, servers - 1]) {
    while (!(await listTools(gateway.port, `/${serverName(server)}/mcp`)).includes(edition)) {
      if (performance.now() > servedBy) throw new Error(`A changed document was not served in ${servedWithinMs} ms.`);
      await pause(20);
    }
  }
  const servedMs = performance.now() - signalled;
  // Whatever the gateway still does after the swap counts as well.
  await pause(500);
  return { blockedMs: await readDelayMs(gateway), servedMs };
}

/** The longest block since the last reading, from the gateway's metrics. */
async function readDelayMs(gateway: Gateway): Promise<number> {
  const { body } = await httpGet(gateway.operationsPort, "/metrics");
  const value = new RegExp(`^${delayMetric}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(body)?.[1];
  if (value === undefined) throw new Error(`/metrics has no ${delayMetric}.`);
  return Number(value) * 1_000;
}

function toRow(reloads: readonly Reload[], flow: Flow, quietMs: number, probe: ProbeReport): RowResult {
  const blockedMs = Math.max(...reloads.map((one) => one.blockedMs));
  const servedMs = Math.max(...reloads.map((one) => one.servedMs));
  const failures = flow.failures + probe.failures;
  const worstMs = Math.max(...probe.latenciesMs);
  return {
    name: row.name,
    measured: `${blockedMs.toFixed(0)} ms`,
    isOk: blockedMs <= limitBlockMs && failures === 0,
    remark:
      `${failures} of ${flow.calls + probe.latenciesMs.length} failed; served after ${servedMs.toFixed(0)} ms at most; ` +
      `without reload ${quietMs.toFixed(0)} ms; from outside p99 ${quantile(probe.latenciesMs, 0.99).toFixed(1)} ms, longest ${worstMs.toFixed(0)} ms`,
    figures: {
      reloads,
      flow,
      quietMs,
      longestLatencyMs: worstMs,
      firstFailure: flow.firstFailure ?? probe.firstFailure,
    },
  };
}
