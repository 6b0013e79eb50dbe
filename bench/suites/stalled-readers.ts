import { pause } from "../harness/pause.ts";
import { readResidentBytes } from "../harness/process-figures.ts";
import { median, quantile } from "../harness/statistics.ts";
import type { Gateway } from "../harness/gateway.ts";
import type { LoadProcess } from "../load/load-process.ts";
import type { ProbeReport } from "../load/latency-probe.ts";
import { onePrefix, startOneServer } from "./one-server.ts";
import type { Bench, RowResult, Suite } from "./suite.ts";

const readers = 4;
const limitBytesEach = 2 * 1_048_576;
const limitPingMs = 200;
/** Requests that bring a fresh process to its working size before the baseline is taken. */
const warmUpCalls = 20_000;
const path = `${onePrefix}/mcp`;

const memoryRow = {
  name: "stalled-memory",
  work: `10 MB result to a reader that stalls, ${readers} at once`,
  limit: "<= 2 MB RSS each",
};
const pingRow = { name: "stalled-ping", work: `ping beside ${readers} results of 10 MB`, limit: "p99 <= 200 ms" };

interface Phases {
  readonly bytesEach: number;
  readonly stalled: ProbeReport;
  readonly flowing: ProbeReport;
  readonly resultsRead: number;
}

/** Large results: what they hold in memory while nobody reads them, and what they do to small calls. */
export const stalledReaders: Suite = {
  rows: [memoryRow, pingRow],
  measure: async (bench, wanted) => {
    const gateway = await startOneServer(bench.workshop, { folder: "stalled", tools: 2 });
    const reading = await bench.workshop.startLoad();
    const probing = await bench.workshop.startLoad();
    try {
      const phases = await measurePhases(bench, gateway, { reading, probing });
      return [toMemoryRow(phases), toPingRow(phases)].filter(({ name }) => wanted.has(name));
    } finally {
      await reading.stop();
      await probing.stop();
      await gateway.stop();
    }
  },
};

/**
 * Stalled first: once large results have flowed, the process owns freed memory in which buffered
 * results would hide.
 */
async function measurePhases(
  bench: Bench,
  gateway: Gateway,
  { reading, probing }: { reading: LoadProcess; probing: LoadProcess },
): Promise<Phases> {
  const { port, pid } = gateway;
  const target = { port, path, count: readers };
  const phaseMs = bench.mode === "full" ? 20_000 : 4_000;
  bench.onStep("large results: warming with small calls");
  await reading.ask("openFleet", {
    name: "warm-up",
    options: { port, path, dialect: "legacy", work: "call", clients: 64 },
  });
  await reading.ask("drive", { name: "warm-up", requests: warmUpCalls });
  await reading.ask("closeFleet", { name: "warm-up" });
  await startProbe(probing, port);
  const before = await watchBytes(pid, 3_000, median);
  bench.onStep("large results: stalled");
  const asked = reading.ask("askAndStall", target);
  const stalledBytes = await watchBytes(pid, phaseMs, (readings) => Math.max(...readings));
  await asked;
  const stalled = await probing.ask("stopProbe", undefined);
  refuse(await reading.ask("finishReading", undefined));
  await startProbe(probing, port);
  bench.onStep("large results: flowing");
  const resultsRead = await readFor(reading, target, phaseMs);
  const flowing = await probing.ask("stopProbe", undefined);
  return { bytesEach: (stalledBytes - before) / readers, stalled, flowing, resultsRead };
}

async function startProbe(probing: LoadProcess, port: number): Promise<void> {
  await probing.ask("startProbe", { port, path, dialect: "legacy", work: "ping", intervalMs: 5, clients: 16 });
}

/** Has results read one after another for so long; how many there were. */
async function readFor(
  reading: LoadProcess,
  target: { port: number; path: string; count: number },
  milliseconds: number,
): Promise<number> {
  const until = performance.now() + milliseconds;
  let results = 0;
  while (performance.now() < until) {
    refuse(await reading.ask("askAndRead", target));
    results += target.count;
  }
  return results;
}

function refuse(failures: readonly string[]): void {
  const [first] = failures;
  if (first !== undefined) throw new Error(`A large result was wrong: ${first}`);
}

/** Watches the resident memory for so long and picks one of the readings. */
async function watchBytes(
  pid: number,
  milliseconds: number,
  pick: (readings: readonly number[]) => number,
): Promise<number> {
  const until = performance.now() + milliseconds;
  const readings: number[] = [];
  while (performance.now() < until) {
    readings.push(await readResidentBytes(pid));
    await pause(20);
  }
  return pick(readings);
}

function toMemoryRow({ bytesEach }: Phases): RowResult {
  return {
    name: memoryRow.name,
    measured: `${(bytesEach / 1_048_576).toFixed(2)} MB`,
    isOk: bytesEach <= limitBytesEach,
    remark: "largest reading while stalled, over the middle reading before",
    figures: { bytesEach },
  };
}

function toPingRow({ stalled, flowing, resultsRead }: Phases): RowResult {
  const worst = [flowing, stalled].map((report) => quantile(report.latenciesMs, 0.99));
  const [flowingMs = Number.NaN, stalledMs = Number.NaN] = worst;
  const failures = flowing.failures + stalled.failures;
  return {
    name: pingRow.name,
    measured: `${Math.max(flowingMs, stalledMs).toFixed(0)} ms`,
    isOk: Math.max(flowingMs, stalledMs) <= limitPingMs && failures === 0,
    remark: `p99 ${flowingMs.toFixed(1)} ms while ${resultsRead} results flowed, ${stalledMs.toFixed(1)} ms while stalled, ${failures} failed`,
    figures: {
      flowing: latencyFigures(flowing),
      stalled: latencyFigures(stalled),
      failures,
      firstFailure: flowing.firstFailure ?? stalled.firstFailure,
    },
  };
}

function latencyFigures({ latenciesMs }: ProbeReport): object {
  return {
    count: latenciesMs.length,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
    maxMs: Math.max(...latenciesMs),
  };
}
