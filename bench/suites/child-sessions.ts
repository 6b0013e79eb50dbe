import { fileURLToPath } from "node:url";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { pause } from "../harness/pause.ts";
import { readChildren, readResidentBytes } from "../harness/process-figures.ts";
import { median } from "../harness/statistics.ts";
import type { LoadProcess } from "../load/load-process.ts";
import { onePrefix } from "./one-server.ts";
import { proxyDocument, writeDocument } from "./proxy-variant.ts";
import type { Bench, RowResult, Suite } from "./suite.ts";

const sessions = 1_000;
const mostGrowth = 1.1;
/** A first wave as large as the measured one brings the process to its working size: V8 keeps what it once needed. */
const warmUpSessions = sessions;
const goneWithinMs = 60_000;

const row = {
  name: "child-sessions",
  work: `${sessions} sessions, each with a stdio child of its own`,
  limit: "all start and stop, no process left, RSS back within 10 %",
};

/** A child per session: all start, all end, and the gateway is as before. */
export const childSessions: Suite = {
  rows: [row],
  measure: async (bench) => {
    const { workshop } = bench;
    const script = fileURLToPath(new URL("../programs/trivial-child.sh", import.meta.url));
    const document = proxyDocument({
      transport: "stdio",
      era: "legacy",
      command: "sh",
      args: [script],
      sharing: "per-session",
      timeoutMs: 300_000,
      startTimeoutMs: 300_000,
    });
    const gateway = await startGateway(workshop, { config: await writeDocument(workshop, row.name, document) });
    const load = await workshop.startLoad();
    try {
      return [await measure(bench, gateway, load)];
    } finally {
      await load.stop();
      await gateway.stop();
    }
  },
};

interface Wave {
  /** Children at the most. */
  readonly children: number;
  /** Sessions whose call was answered wrongly. */
  readonly failures: number;
  readonly startedMs: number;
  /** Children that were left at the end of the time they had. */
  readonly left: number;
}

async function measure(bench: Bench, gateway: Gateway, load: LoadProcess): Promise<RowResult> {
  await wave(bench, gateway, load, warmUpSessions);
  const before = await settledBytes(gateway.pid);
  const result = await wave(bench, gateway, load, sessions);
  const after = await settledBytes(gateway.pid);
  const growth = after / before;
  const isComplete = result.children >= sessions && result.failures === 0 && result.left === 0;
  return {
    name: row.name,
    measured: `${result.left} left, RSS ${((growth - 1) * 100).toFixed(1)} %`,
    isOk: isComplete && growth <= mostGrowth,
    remark:
      `${result.children} children at once, started in ${(result.startedMs / 1_000).toFixed(1)} s, ` +
      `${result.failures} sessions failed; ${megabytes(before)} before, ${megabytes(after)} after`,
    figures: { ...result, before, after },
  };
}

async function wave(bench: Bench, gateway: Gateway, load: LoadProcess, count: number): Promise<Wave> {
  bench.onStep(`${row.name}: starting ${count} sessions`);
  const started = performance.now();
  const options = { port: gateway.port, path: `${onePrefix}/mcp`, count };
  const failures = await load.ask("openSessions", options, 300_000);
  const startedMs = performance.now() - started;
  const children = (await readChildren(gateway.pid)).length;
  bench.onStep(`${row.name}: ending ${count} sessions`);
  await load.ask("endSessions", undefined, 120_000);
  const until = performance.now() + goneWithinMs;
  let left = await endedChildren(gateway.pid);
  while (left > 0 && performance.now() < until) {
    await pause(200);
    left = await endedChildren(gateway.pid);
  }
  return { children, failures, startedMs, left };
}

/** Children beyond the one that the gateway may keep for itself, to list the tools. */
async function endedChildren(pid: number): Promise<number> {
  return Math.max(0, (await readChildren(pid)).length - 1);
}

/** Resident memory once the process has come to rest. */
async function settledBytes(pid: number): Promise<number> {
  await pause(10_000);
  const readings: number[] = [];
  for (let reading = 0; reading < 9; reading++) {
    readings.push(await readResidentBytes(pid));
    await pause(200);
  }
  return median(readings);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(0)} MB`;
}
