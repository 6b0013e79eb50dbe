import { pause } from "../harness/pause.ts";
import { readOpenFilesLimit, readResidentBytes } from "../harness/process-figures.ts";
import { median } from "../harness/statistics.ts";
import { onePrefix, startOneServer } from "./one-server.ts";
import type { Bench, RowResult, Suite } from "./suite.ts";

const rows = [
  { name: "idle-sessions", transport: "session", text: "GET streams of 2025-11-25 sessions" },
  { name: "idle-sse", transport: "sse", text: "HTTP+SSE sessions" },
] as const;

type IdleRow = (typeof rows)[number];

const wantedStreams = 10_000;
const limitBytes = 16 * 1_024;
/** Files that a process needs besides the streams. */
const sparesFiles = 200;
/** Requests that bring a fresh process to its working size before the baseline is taken. */
const warmUpRequests = 20_000;

/** Ten thousand clients that hold a stream open and do nothing. */
export const idleStreams: Suite = {
  rows: rows.map(({ name, text }) => ({ name, work: `10,000 idle ${text}`, limit: "<= 16 kB each, all alive" })),
  // Memory does not depend on what else runs, so the transports are watched side by side.
  measure: (bench, wanted) =>
    Promise.all(rows.filter(({ name }) => wanted.has(name)).map((row) => measureRow(bench, row))),
};

async function measureRow(bench: Bench, row: IdleRow): Promise<RowResult> {
  const { workshop, mode } = bench;
  const count = Math.min(wantedStreams, (await readOpenFilesLimit()) - sparesFiles);
  const aliveForMs = mode === "full" ? 300_000 : 20_000;
  const gateway = await startOneServer(workshop, { folder: row.name, tools: 20 });
  const load = await workshop.startLoad();
  try {
    const options = { port: gateway.port, path: `${onePrefix}/mcp`, dialect: "modern", work: "list" } as const;
    await load.ask("openFleet", { name: "warm-up", options: { ...options, clients: 64 } });
    await load.ask("drive", { name: "warm-up", requests: warmUpRequests });
    await load.ask("closeFleet", { name: "warm-up" });
    const before = await settledBytes(gateway.pid);
    bench.onStep(`${row.name}: opening ${count} streams`);
    await load.ask("openCrowd", { port: gateway.port, prefix: onePrefix, transport: row.transport, count }, 180_000);
    bench.onStep(`${row.name}: ${count} streams stay open for ${aliveForMs / 1_000} s`);
    await pause(aliveForMs);
    const after = await settledBytes(gateway.pid);
    const crowd = await load.ask("reportCrowd", undefined);
    const deaf = await load.ask("pingCrowd", undefined, 180_000);
    const bytesEach = (after - before) / count;
    const isAlive = crowd.open === count && crowd.keptAlive === count && deaf === 0;
    return {
      name: row.name,
      measured: `${(bytesEach / 1_024).toFixed(1)} kB`,
      isOk: bytesEach <= limitBytes && isAlive && count === wantedStreams,
      remark: `${crowd.open} of ${count} open after ${aliveForMs / 1_000} s, ${crowd.keptAlive} kept alive, ${count - deaf} answered a ping`,
      figures: { count, bytesEach, before, after, aliveForMs, ...crowd, unanswered: deaf },
    };
  } finally {
    await load.stop();
    await gateway.stop();
  }
}

/** Resident memory once a process has had time to come to rest: the middle of some readings. */
async function settledBytes(pid: number): Promise<number> {
  await pause(3_000);
  const readings: number[] = [];
  for (let reading = 0; reading < 9; reading++) {
    readings.push(await readResidentBytes(pid));
    await pause(200);
  }
  return median(readings);
}
