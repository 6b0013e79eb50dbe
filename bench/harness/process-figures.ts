import { readdir, readFile } from "node:fs/promises";

/**
 * What the kernel says of one process (Linux `/proc`). CPU time counts only what the process really
 * ran, so that neighbours on the same machine change it little; wall time would show them fully.
 */
export interface ProcessFigures {
  /** Nanoseconds on a CPU since the start, over all threads that still live. */
  readonly cpuNs: number;
  /** Nanoseconds that runnable threads waited for a CPU: how crowded the machine was. */
  readonly waitedNs: number;
}

/**
 * CPU and waiting time of a process, from the first two fields of `/proc/PID/task/TID/schedstat`.
 * Fails with the system error when the process is gone.
 */
export async function readProcessFigures(pid: number): Promise<ProcessFigures> {
  const threads = await readdir(`/proc/${pid}/task`);
  let cpuNs = 0;
  let waitedNs = 0;
  for (const thread of threads) {
    const text = await readOptional(`/proc/${pid}/task/${thread}/schedstat`);
    // A thread may end between the listing and the reading; its time is then lost to us.
    if (text === undefined) continue;
    const [cpu, waited] = text.split(" ");
    cpuNs += Number(cpu);
    waitedNs += Number(waited);
  }
  return { cpuNs, waitedNs };
}

/** Resident memory of a process in bytes (`VmRSS`). Fails when the process is gone. */
export async function readResidentBytes(pid: number): Promise<number> {
  return readStatusBytes(pid, "VmRSS");
}

/** Ids of the direct children of a process. Fails when the process is gone. */
export async function readChildren(pid: number): Promise<readonly number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(threads.map((thread) => readOptional(`/proc/${pid}/task/${thread}/children`)));
  return lists.flatMap((list) =>
    (list ?? "")
      .split(" ")
      .filter((id) => id.trim() !== "")
      .map(Number),
  );
}

async function readStatusBytes(pid: number, field: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status);
  if (match === null) throw new Error(`/proc/${pid}/status has no ${field}`);
  return Number(match[1]) * 1024;
}

/** Most files that a process started from here may hold open. */
export async function readOpenFilesLimit(): Promise<number> {
  const limits = await readFile("/proc/self/limits", "utf8");
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1];
  return hard === undefined || hard === "unlimited" ? Number.MAX_SAFE_INTEGER : Number(hard);
}

/** Why this machine cannot be measured, or `undefined` when it can. */
export async function whyUnsupported(): Promise<string | undefined> {
  if ((await readOptional("/proc/self/schedstat")) !== undefined) return undefined;
  return (
    "This benchmark reads the CPU time of other processes from /proc/PID/task/TID/schedstat, " +
    "which this system does not have. Run it on Linux (a container will do)."
  );
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH");
}
