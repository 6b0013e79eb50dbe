// The benchmark: measures what the gateway promises about speed and memory, and says whether it holds.
import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { whyUnsupported } from "./harness/process-figures.ts";
import { summarizeProfiles } from "./harness/profile-summary.ts";
import { Progress } from "./harness/progress.ts";
import { type Circumstances, markdownReport, type ReportRow, textTable } from "./harness/report.ts";
import type { RoundsPlan } from "./harness/rounds.ts";
import { Workshop } from "./harness/workshop.ts";
import { type BenchOptions, parseOptions, usage } from "./options.ts";
import { idleStreams } from "./suites/idle-streams.ts";
import { insideAnswers } from "./suites/inside-answers.ts";
import { npmGateways, proxiedCalls } from "./suites/proxied-calls.ts";
import { reload } from "./suites/reload.ts";
import { stalledReaders } from "./suites/stalled-readers.ts";
import { storeStart } from "./suites/store-start.ts";
import { stores } from "./suites/stores.ts";
import { childSessions } from "./suites/child-sessions.ts";
import { start } from "./suites/start.ts";
import type { Bench, Mode, RowResult, Suite } from "./suites/suite.ts";
import { toolCalls } from "./suites/tool-calls.ts";

const suites: readonly Suite[] = [
  toolCalls,
  proxiedCalls,
  npmGateways,
  insideAnswers,
  idleStreams,
  stalledReaders,
  reload,
  start,
  childSessions,
  stores,
  storeStart,
];

const plans: Readonly<Record<Mode, RoundsPlan>> = {
  full: { processes: 5, rounds: 20, warmUpMs: 4_000, sampleMs: 350 },
  quick: { processes: 1, rounds: 12, warmUpMs: 1_500, sampleMs: 200 },
};

/** Few processes, and long samples in which the start weighs little. */
const profilePlan: RoundsPlan = { processes: 1, rounds: 6, warmUpMs: 2_000, sampleMs: 2_000 };

/** However badly something hangs, a run ends. */
const longestRunMs: Readonly<Record<Mode, number>> = { full: 3_600_000, quick: 600_000 };

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseOptions(
    args,
    suites.flatMap((suite) => suite.rows.map(({ name }) => name)),
  );
  switch (parsed.kind) {
    case "help":
      process.stdout.write(usage);
      return 0;
    case "list":
      for (const { name, work } of suites.flatMap((suite) => suite.rows)) console.log(`${name.padEnd(16)} ${work}`);
      return 0;
    case "wrong":
      process.stderr.write(`${parsed.message}\n\n${usage}`);
      return 2;
    case "run":
      return run(parsed.options);
  }
}

async function run(options: BenchOptions): Promise<number> {
  const reason = await whyUnsupported();
  if (reason !== undefined) {
    process.stderr.write(`${reason}\n`);
    return 3;
  }
  const workshop = await Workshop.open(options.isProfiling);
  endChildrenWithUs(workshop, longestRunMs[options.mode]);
  try {
    const progress = new Progress(process.stderr);
    const rows = await measureAll(options, {
      mode: options.mode,
      workshop,
      plan: options.isProfiling ? profilePlan : plans[options.mode],
      random: Math.random,
      onStep: (text) => progress.show(text),
    });
    progress.clear();
    process.stdout.write(textTable(rows));
    await keepResults(options, rows, workshop);
    if (workshop.profileFolder !== undefined) process.stdout.write(await summarizeProfiles(workshop.profileFolder));
    return rows.every(({ result }) => result.isOk) ? 0 : 1;
  } finally {
    await workshop.close();
  }
}

async function measureAll(options: BenchOptions, bench: Bench): Promise<readonly ReportRow[]> {
  const isWanted = (name: string): boolean => options.only.length === 0 || options.only.includes(name);
  const rows: ReportRow[] = [];
  for (const suite of suites) {
    const specs = suite.rows.filter(({ name }) => isWanted(name));
    if (specs.length === 0) continue;
    const results = await measureSuite(suite, bench, new Set(specs.map(({ name }) => name)));
    for (const spec of specs) {
      const result = results.find(({ name }) => name === spec.name);
      rows.push({ spec, result: result ?? withoutFigure(spec.name, "was not measured") });
    }
  }
  return rows;
}

/** A suite that fails costs its own rows only. */
async function measureSuite(suite: Suite, bench: Bench, wanted: ReadonlySet<string>): Promise<readonly RowResult[]> {
  try {
    return await suite.measure(bench, wanted);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return [...wanted].map((name) => withoutFigure(name, text));
  }
}

function withoutFigure(name: string, remark: string): RowResult {
  return { name, measured: "-", isOk: false, remark: remark.replaceAll(/\s+/g, " "), figures: undefined };
}

async function keepResults(options: BenchOptions, rows: readonly ReportRow[], workshop: Workshop): Promise<void> {
  const [cpu] = cpus();
  const circumstances: Circumstances = {
    mode: options.mode,
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    cpu: cpu?.model ?? "unknown CPU",
    cpus: cpus().length,
    pinning: workshop.pinning.description,
  };
  await mkdir(workshop.resultsFolder, { recursive: true });
  const json = JSON.stringify({ circumstances, rows }, undefined, 2);
  await writeFile(join(workshop.resultsFolder, `${options.mode}.json`), `${json}\n`);
  // A report of some rows only would replace one of all.
  if (options.mode === "quick" || options.only.length > 0) return;
  await writeFile(fileURLToPath(new URL("RESULTS.md", import.meta.url)), markdownReport(rows, circumstances));
}

function endChildrenWithUs(workshop: Workshop, longestMs: number): void {
  process.once("exit", () => workshop.children.killAll());
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));
  setTimeout(() => {
    process.stderr.write(`The run took longer than ${longestMs / 60_000} minutes and was ended.\n`);
    process.exit(1);
  }, longestMs).unref();
}

process.exitCode = await main(process.argv.slice(2));
