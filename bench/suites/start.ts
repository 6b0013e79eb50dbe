import { join } from "node:path";
import { serverName, writeDocuments } from "../documents.ts";
import { spawnGateway } from "../harness/gateway.ts";
import { callTool } from "../harness/mcp-exchange.ts";
import { pause } from "../harness/pause.ts";
import { readResidentBytes } from "../harness/process-figures.ts";
import { median, spreadOf } from "../harness/statistics.ts";
import type { Workshop } from "../harness/workshop.ts";
import { firstId } from "../work.ts";
import { checkAnswer } from "../load/check-answer.ts";
import type { RowResult, Suite } from "./suite.ts";

const servers = 50;
const toolsPerServer = 20;
const limitMs = 300;
const limitBytes = 90 * 1_048_576;
const answeredWithinMs = 20_000;
const idleMs = 5_000;

const startRow = {
  name: "start",
  work: `start with ${servers * toolsPerServer} tools, to the first answered call`,
  limit: `<= ${limitMs} ms`,
};
const idleRow = { name: "idle-memory", work: `idle with ${servers * toolsPerServer} tools`, limit: "<= 90 MB RSS" };

interface Start {
  readonly milliseconds: number;
  readonly idleBytes: number;
}

/** From nothing to the first answer, and what a gateway weighs that has nothing to do. */
export const start: Suite = {
  rows: [startRow, idleRow],
  measure: async (bench, wanted) => {
    const { workshop } = bench;
    const { port: backendPort } = await workshop.backend();
    const folder = join(workshop.folder, "start");
    await writeDocuments({ folder, servers, toolsPerServer, backendPort, edition: "first" });
    const starts: Start[] = [];
    const count = bench.mode === "full" ? 7 : 3;
    for (let index = 1; index <= count; index++) {
      bench.onStep(`start: ${index} of ${count}`);
      starts.push(await startOnce(workshop, folder));
    }
    return [toStartRow(starts), toIdleRow(starts)].filter(({ name }) => wanted.has(name));
  },
};

async function startOnce(workshop: Workshop, config: string): Promise<Start> {
  const started = performance.now();
  // Not pinned: a start uses threads, and nothing else runs beside it.
  const gateway = await spawnGateway(workshop, { config, isPinned: false });
  try {
    const body = await firstAnswer(gateway.port, started + answeredWithinMs);
    const milliseconds = performance.now() - started;
    const failure = checkAnswer("call", firstId, body);
    if (failure !== undefined) throw new Error(failure);
    await pause(idleMs);
    return { milliseconds, idleBytes: await readResidentBytes(gateway.pid) };
  } finally {
    await gateway.stop();
  }
}

/** Tries until the gateway listens and answers. */
async function firstAnswer(port: number, deadline: number): Promise<string> {
  for (;;) {
    try {
      return await callTool(port, `/${serverName(servers - 1)}/mcp`);
    } catch (error) {
      const isRefused = error instanceof Error && "code" in error && error.code === "ECONNREFUSED";
      if (!isRefused || performance.now() > deadline) throw error;
      await pause(1);
    }
  }
}

function toStartRow(starts: readonly Start[]): RowResult {
  const times = starts.map(({ milliseconds }) => milliseconds);
  const { min, median: middle, max } = spreadOf(times);
  return {
    name: startRow.name,
    measured: `${middle.toFixed(0)} ms`,
    isOk: middle <= limitMs,
    remark: `${min.toFixed(0)} to ${max.toFixed(0)} ms in ${times.length} starts`,
    figures: { times },
  };
}

function toIdleRow(starts: readonly Start[]): RowResult {
  const idleBytes = median(starts.map((start) => start.idleBytes));
  return {
    name: idleRow.name,
    measured: `${(idleBytes / 1_048_576).toFixed(0)} MB`,
    isOk: idleBytes <= limitBytes,
    remark: `${idleMs / 1_000} s after the first call`,
    figures: { bytes: starts.map((start) => start.idleBytes) },
  };
}
