import type { Log } from "../../../core/log.ts";
import { isParentDead, parentVariable } from "./parent-mark.ts";
import { groupEndsWithin, signalGroup } from "./process-group.ts";
import { hasProcessTable, listProcesses, readProcess, readVariable } from "./process-table.ts";

const usualTermMs = 3_000;
const forcedMs = 1_000;

const noGroups: ReadonlySet<number> = new Set();

/**
 * Ends what gateways before this one have left behind: children that were started by a gateway which was
 * killed, and that did not end when their standard input did. Call it at the start, before the first child.
 * Resolves with how many process groups have ended, when they have or after a second more than `termMs`. Never rejects.
 * Elsewhere than on Linux nothing is found.
 *
 * @param termMs from SIGTERM to SIGKILL
 */
export async function reapLeftovers(log: Log, termMs = usualTermMs): Promise<number> {
  if (!hasProcessTable) return 0;
  const groups = await findLeftovers().catch((error: unknown) => {
    log.warn("children of gateways before this one were not looked for", { error });
    return noGroups;
  });
  const ends = await Promise.all([...groups].map((groupId) => endGroup(groupId, termMs)));
  const ended = ends.filter(Boolean).length;
  if (ended > 0) log.info("ended children that a gateway before this one left behind", { groups: [...groups] });
  if (ended < groups.size) log.warn("children of a gateway before this one cannot be ended", { groups: [...groups] });
  return ended;
}

async function findLeftovers(): Promise<ReadonlySet<number>> {
  // A gateway that was itself started by a leftover, from a shell that an agent uses say, is one of the
  // family: it must not end its own parents.
  const ownFamily = process.env[parentVariable];
  const ownGroup = readProcess(process.pid)?.groupId;
  const groups = new Set<number>();
  for await (const { id, groupId, isDead } of listProcesses()) {
    if (isDead || groupId <= 1 || groupId === ownGroup || groups.has(groupId)) continue;
    const mark = readVariable(id, parentVariable);
    if (mark !== undefined && mark !== ownFamily && isParentDead(mark)) groups.add(groupId);
  }
  return groups;
}

async function endGroup(groupId: number, termMs: number): Promise<boolean> {
  signalGroup(groupId, "SIGTERM");
  if (await groupEndsWithin(groupId, termMs)) return true;
  signalGroup(groupId, "SIGKILL");
  return groupEndsWithin(groupId, forcedMs);
}
