import { join } from "node:path";
import { readDocument } from "../../src/adapters/yaml/read-document.ts";
import { type Gateway, spawnGateway } from "../harness/gateway.ts";
import { listTools } from "../harness/mcp-exchange.ts";
import { pause } from "../harness/pause.ts";
import { readProcessFigures, readResidentBytes } from "../harness/process-figures.ts";
import { median } from "../harness/statistics.ts";
import type { Workshop } from "../harness/workshop.ts";
import { serverName } from "../documents.ts";
import { openFilledStore, storedText, toolsPerServer } from "./filled-store.ts";
import type { Mode, RowResult, RowSpec, Suite } from "./suite.ts";

const documents: Readonly<Record<Mode, number>> = { full: 10_000, quick: 1_000 };
const parsedDocuments = 200;
const limit = 0.4;
/** However slow the machine is: the first start judges every document. */
const readyWithinMs = 600_000;

const row: RowSpec = {
  name: "store-start",
  work: `start over 10,000 documents with ${toolsPerServer} tools in SQLite, judged by an earlier start, to parsing them`,
  limit: `<= ${limit} CPU`,
};

interface Start {
  readonly readyMs: number;
  /** To the answer of the last document. */
  readonly answeredMs: number;
  readonly cpuMs: number;
  readonly residentBytes: number;
}

/** What very many documents cost a gateway that starts: once when nothing is known of them, and once when all are. */
export const storeStart: Suite = {
  rows: [row],
  measure: async ({ mode, workshop, onStep }) => {
    const count = documents[mode];
    const folder = join(workshop.folder, "store-start");
    const address = `sqlite:${folder}.db`;
    onStep("store-start: filling SQLite");
    const filled = await openFilledStore(
      { name: "SQLite", missing: undefined, create: async () => ({ address, drop: async () => undefined }) },
      count,
    );
    await filled.drop();
    const place = { store: address, stateDir: folder };
    onStep("store-start: a start that judges every document");
    const first = await startOnce(workshop, place, count);
    onStep("store-start: the next one");
    return [toRow(first, await startOnce(workshop, place, count), count)];
  },
};

async function startOnce(
  workshop: Workshop,
  place: { readonly store: string; readonly stateDir: string },
  count: number,
): Promise<Start> {
  const startedAt = performance.now();
  const gateway = await spawnGateway(workshop, { ...place, isPinned: false, readyWithinMs });
  try {
    const answered = awaitAnswer(gateway, `/${serverName(count - 1)}/mcp`).then(() => performance.now() - startedAt);
    // It is awaited below; a gateway that does not get ready is what is told first.
    answered.catch(() => undefined);
    await gateway.ready();
    const readyMs = performance.now() - startedAt;
    const { cpuNs } = await readProcessFigures(gateway.pid);
    const residentBytes = await readResidentBytes(gateway.pid);
    return { readyMs, answeredMs: await answered, cpuMs: cpuNs / 1e6, residentBytes };
  } finally {
    await gateway.stop();
  }
}

/** Asks until the gateway listens; it answers when it has the document. */
async function awaitAnswer(gateway: Gateway, path: string): Promise<void> {
  for (const deadline = performance.now() + readyWithinMs; ; await pause(5)) {
    try {
      await listTools(gateway.port, path);
      return;
    } catch (error) {
      const isRefused = error instanceof Error && "code" in error && error.code === "ECONNREFUSED";
      if (!isRefused || performance.now() > deadline) throw error;
    }
  }
}

function parsingMs(count: number): number {
  const times = Array.from({ length: parsedDocuments }, (_, index) => {
    const text = storedText(index);
    const startedAt = performance.now();
    if (readDocument({ text, line: 0 }, { key: "x", file: "x", hash: "" }).document === undefined) {
      throw new Error("The documents of the benchmark are in order.");
    }
    return performance.now() - startedAt;
  });
  return median(times) * count;
}

function toRow(first: Start, next: Start, count: number): RowResult {
  const parseMs = parsingMs(count);
  const ratio = next.cpuMs / parseMs;
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
  const megabytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(0)} MB`;
  return {
    name: row.name,
    measured: ratio.toFixed(2),
    isOk: ratio <= limit,
    remark:
      `${count.toLocaleString("en")} documents: ready after ${seconds(next.readyMs)} (the last one answers after ` +
      `${seconds(next.answeredMs)}), ${seconds(next.cpuMs)} CPU, ${megabytes(next.residentBytes)}; a start that judges ` +
      `them ${seconds(first.readyMs)}, ${seconds(first.cpuMs)} CPU, ${megabytes(first.residentBytes)}`,
    figures: { first, next, parseMs },
  };
}
