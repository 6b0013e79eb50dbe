import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";

/**
 * Which CPU each side runs on: the measured process alone on one, everything else on another, so
 * that the load never takes time slices from what is measured.
 */
export interface Pinning {
  /** Command line that runs `command` on the CPU of the measured process. */
  measured(command: readonly string[]): readonly string[];
  /** Command line that runs `command` on the CPU of load and backends. */
  surroundings(command: readonly string[]): readonly string[];
  /** For the report, e.g. `measured process on CPU 1, load and backend on CPU 0`. */
  readonly description: string;
}

/** Pins with `taskset` where it exists and two CPUs are there; else leaves placement to the kernel. */
export async function detectPinning(): Promise<Pinning> {
  const cpus = await allowedCpus();
  const [outside, inside] = cpus;
  if (outside === undefined || inside === undefined || !hasTaskset()) {
    return { measured: (command) => command, surroundings: (command) => command, description: "not pinned" };
  }
  return {
    measured: (command) => ["taskset", "-c", String(inside), ...command],
    surroundings: (command) => ["taskset", "-c", String(outside), ...command],
    description: `measured process on CPU ${inside}, load and backend on CPU ${outside}`,
  };
}

async function allowedCpus(): Promise<readonly number[]> {
  const status = await readFile("/proc/self/status", "utf8");
  const list = /^Cpus_allowed_list:\s+(\S+)$/m.exec(status)?.[1] ?? "";
  return list.split(",").flatMap((range) => {
    const [first, last] = range.split("-").map(Number);
    if (first === undefined || Number.isNaN(first)) return [];
    return Array.from({ length: (last ?? first) - first + 1 }, (_, offset) => first + offset);
  });
}

function hasTaskset(): boolean {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    if (existsSync(join(folder, "taskset"))) return true;
  }
  return false;
}
