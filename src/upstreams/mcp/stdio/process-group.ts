import { setTimeout as delay } from "node:timers/promises";
import { hasProcessTable, listProcesses } from "./process-table.ts";

const firstPollMs = 10;
const longestPollMs = 200;
const lookAgeMs = 100;

/** Signals every process of the group; false when there is none, or none that may be signalled. */
export function signalGroup(groupId: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-groupId, signal);
  } catch {
    // ESRCH: nobody. EPERM: macOS says so of a group that has ended and that nobody has noticed yet.
    return false;
  }
}

/**
 * Resolves with whether every process of the group has ended within the time. Asks the kernel, which
 * tells nobody of processes that are not its children. A process that has ended and that nobody notices
 * counts as gone: in a container whose first process is the gateway, orphans stay like that.
 */
export async function groupEndsWithin(groupId: number, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (let pollMs = firstPollMs; ; pollMs = Math.min(pollMs * 2, longestPollMs)) {
    if (!signalGroup(groupId, 0)) return true;
    // Reading the table costs milliseconds: not for a group that the system is about to clear away.
    if (pollMs === longestPollMs && hasProcessTable && (await hasEnded(groupId))) return true;
    const restMs = deadline - performance.now();
    if (restMs <= 0) return false;
    await delay(Math.min(pollMs, restMs));
  }
}

async function hasEnded(groupId: number): Promise<boolean> {
  try {
    return !(await livingGroups()).has(groupId);
  } catch {
    // No file can be opened just now: nothing is known of it.
    return false;
  }
}

let lastLook: { readonly at: number; readonly groups: Promise<ReadonlySet<number>> } | undefined;

/**
 * The groups with a process that has not ended; one look serves all that ask at the same time. It is
 * younger than the wait of everyone who asks, and a group that has ended does not begin again.
 */
function livingGroups(): Promise<ReadonlySet<number>> {
  const now = performance.now();
  if (lastLook === undefined || now - lastLook.at > lookAgeMs) lastLook = { at: now, groups: findLivingGroups() };
  return lastLook.groups;
}

async function findLivingGroups(): Promise<ReadonlySet<number>> {
  const groups = new Set<number>();
  for await (const { groupId, isDead } of listProcesses()) if (!isDead) groups.add(groupId);
  return groups;
}
