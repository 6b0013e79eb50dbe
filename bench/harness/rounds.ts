import type { DriveReport } from "../load/fleet.ts";
import { readProcessFigures } from "./process-figures.ts";
import { median, type Spread, shuffle, spreadOf } from "./statistics.ts";

/** A running process together with the load that can be put on it. */
export interface Subject {
  readonly pid: number;
  /** Sends so many requests and waits for their answers. */
  drive(requests: number): Promise<DriveReport>;
  stop(): Promise<void>;
}

/** One thing to measure; each process set gets a subject of its own. */
export interface Variant {
  readonly name: string;
  start(): Promise<Subject>;
}

export interface RoundsPlan {
  /** How often everything is started anew: V8 settles a little differently in every process. */
  readonly processes: number;
  readonly rounds: number;
  /** Load before the first sample, so that the compiler has done its work. */
  readonly warmUpMs: number;
  /** Aimed-at length of a sample; each is a fixed number of requests. */
  readonly sampleMs: number;
}

export interface RoundsOptions {
  readonly plan: RoundsPlan;
  /** What the others are compared with, and copies of it: the middle one of them counts. */
  readonly base: readonly Variant[];
  readonly variants: readonly Variant[];
  readonly random: () => number;
  readonly onStep: (text: string) => void;
}

/** Figures of one variant. Spreads are over process sets. */
export interface VariantFigures {
  readonly name: string;
  /** CPU time of the process per request, in microseconds. */
  readonly cpuUs: Spread;
  /** CPU time relative to the middle one of the base variants in the same process set. */
  readonly ratio: Spread;
  /** Part of its runnable time that the process waited for a CPU: 0 on an idle machine. */
  readonly waiting: number;
  readonly requests: number;
}

interface Running {
  readonly name: string;
  readonly subject: Subject;
  readonly requestsPerSample: number;
  readonly samples: Sample[];
}

interface Sample {
  readonly requests: number;
  readonly cpuUs: number;
  readonly waiting: number;
}

/**
 * Measures variants against a base: all processes live side by side, and each round samples every
 * one of them in random order. A process that has to wait for its CPU finds its caches cold
 * afterwards and then needs up to a fifth more CPU time for the same work; of each variant only the
 * calmer half of its samples counts. Fails when a request fails: a wrong answer has no speed.
 */
export async function measureRounds(options: RoundsOptions): Promise<readonly VariantFigures[]> {
  const sets: (readonly Running[])[] = [];
  for (let set = 1; set <= options.plan.processes; set++) {
    sets.push(await measureSet(options, `process ${set} of ${options.plan.processes}`));
  }
  const baseNames = options.base.map(({ name }) => name);
  return [...options.base, ...options.variants].map(({ name }) => {
    const runs = sets.map((set) => find(set, name));
    const samples = runs.flatMap((run) => run.samples);
    return {
      name,
      cpuUs: spreadOf(runs.map(calmCpuUs)),
      ratio: spreadOf(sets.map((set) => calmCpuUs(find(set, name)) / baseCpuUs(set, baseNames))),
      waiting: median(samples.map(({ waiting }) => waiting)),
      requests: samples.reduce((sum, { requests }) => sum + requests, 0),
    };
  });
}

async function measureSet(options: RoundsOptions, label: string): Promise<readonly Running[]> {
  const started: Subject[] = [];
  const running: Running[] = [];
  try {
    for (const variant of [...options.base, ...options.variants]) {
      options.onStep(`${label}: warming ${variant.name}`);
      const subject = await variant.start();
      started.push(subject);
      running.push(await warmUp(variant.name, subject, options.plan));
    }
    for (let round = 1; round <= options.plan.rounds; round++) {
      options.onStep(`${label}: round ${round} of ${options.plan.rounds}`);
      for (const run of shuffle(running, options.random)) await sample(run);
    }
  } finally {
    for (const subject of started) await subject.stop();
  }
  return running;
}

async function warmUp(name: string, subject: Subject, plan: RoundsPlan): Promise<Running> {
  const until = performance.now() + plan.warmUpMs;
  let rate = 0;
  do {
    const report = await subject.drive(256);
    refuseFailures(name, report);
    rate = report.requests / report.seconds;
  } while (performance.now() < until);
  const requestsPerSample = Math.max(256, Math.round((rate * plan.sampleMs) / 1_000));
  return { name, subject, requestsPerSample, samples: [] };
}

async function sample(run: Running): Promise<void> {
  const before = await readProcessFigures(run.subject.pid);
  const report = await run.subject.drive(run.requestsPerSample);
  const after = await readProcessFigures(run.subject.pid);
  refuseFailures(run.name, report);
  const cpuNs = after.cpuNs - before.cpuNs;
  const waitedNs = after.waitedNs - before.waitedNs;
  run.samples.push({
    requests: report.requests,
    cpuUs: cpuNs / 1_000 / report.requests,
    waiting: waitedNs / (waitedNs + cpuNs),
  });
}

function refuseFailures(name: string, report: DriveReport): void {
  if (report.failures === 0) return;
  throw new Error(`${name}: ${report.failures} of ${report.requests} requests failed. ${report.firstFailure ?? ""}`);
}

/** Median over the half of the samples in which the process waited least. */
function calmCpuUs({ samples }: Running): number {
  const calmFirst = [...samples].sort((a, b) => a.waiting - b.waiting);
  return median(calmFirst.slice(0, Math.ceil(samples.length / 2)).map(({ cpuUs }) => cpuUs));
}

/** The middle one of the copies: now and then one process settles in a slower state than its twins. */
function baseCpuUs(set: readonly Running[], baseNames: readonly string[]): number {
  return median(baseNames.map((name) => calmCpuUs(find(set, name))));
}

function find(set: readonly Running[], name: string): Running {
  const run = set.find((candidate) => candidate.name === name);
  if (run === undefined) throw new Error(`${name} was not measured.`);
  return run;
}
