import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";

/** One process, as Linux tells it in `/proc/PID/stat` (proc(5)). */
export interface ProcessEntry {
  readonly id: number;
  readonly groupId: number;
  /** When it started, in clock ticks since the machine did: with the id it names a process for good. */
  readonly startTime: string;
  /** It has ended and waits for its parent to notice. */
  readonly isDead: boolean;
}

/** Other work gets its turn after this many processes. */
const sliceLength = 64;

/** Whether processes can be looked at: `/proc` as Linux has it. */
export const hasProcessTable = process.platform === "linux";

/**
 * All processes. Takes several turns of the event loop when there are many. Fails when the system has no
 * room for another open file: what cannot be read then is not gone. Linux only.
 */
export async function* listProcesses(): AsyncGenerator<ProcessEntry> {
  let read = 0;
  for (const name of readdirSync("/proc")) {
    const id = Number(name);
    if (!Number.isInteger(id)) continue;
    const entry = readProcess(id);
    if (entry !== undefined) yield entry;
    read += 1;
    if (read % sliceLength === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Undefined when there is no such process. Fails like `listProcesses`. Linux only. */
export function readProcess(id: number): ProcessEntry | undefined {
  const text = readOrNothing(() => readFileSync(`/proc/${id}/stat`, "latin1"));
  if (text === undefined) return undefined;
  // The name of the program stands in parentheses and may hold anything, parentheses too.
  const [state, , group, ...rest] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const startTime = rest[16];
  if (group === undefined || startTime === undefined) return undefined;
  return { id, groupId: Number(group), startTime, isDead: state === "Z" || state === "X" };
}

/** Resident memory in bytes; 0 for a process that is gone. Fails like `listProcesses`. Linux only. */
export function readResidentBytes(id: number): number {
  const text = readOrNothing(() => readFileSync(`/proc/${id}/status`, "latin1")) ?? "";
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1_024;
}

/** A variable of the environment that a process was started with; undefined also when it belongs to another user. Linux only. */
export function readVariable(id: number, name: string): string | undefined {
  const ownUser = process.getuid?.();
  const text = readOrNothing(() =>
    statSync(`/proc/${id}`).uid === ownUser ? readFileSync(`/proc/${id}/environ`, "utf8") : undefined,
  );
  const prefix = `${name}=`;
  return text
    ?.split("\0")
    .find((entry) => entry.startsWith(prefix))
    ?.slice(prefix.length);
}

/** Names the set of processes within which ids are unique: containers have their own. Linux only. */
export function readProcessNamespace(): string {
  return readOrNothing(() => readlinkSync("/proc/self/ns/pid")) ?? "";
}

/** A process may end, or belong to somebody else, at any time: what cannot be read is not there. */
function readOrNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isOutOfFiles(error)) throw error;
    return undefined;
  }
}

function isOutOfFiles(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "EMFILE" || code === "ENFILE";
}
