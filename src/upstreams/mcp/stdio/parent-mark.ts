import { hasProcessTable, readProcess, readProcessNamespace } from "./process-table.ts";

/**
 * The variable in the environment of every child, and of all that it starts, that says whose child it
 * is: id and start time of the gateway's process, and the namespace that the id belongs to.
 */
export const parentVariable = "PASSERELLE_PARENT";

/** The mark for children of this process; undefined where it could not be read again. */
export function ownMark(): string | undefined {
  if (!hasProcessTable) return undefined;
  const startTime = readProcess(process.pid)?.startTime;
  return startTime === undefined ? undefined : `${process.pid}:${startTime}:${readProcessNamespace()}`;
}

/**
 * Whether the gateway that left this mark has ended. A mark of another namespace may be of a gateway in
 * a container, which cannot be seen from here: it is never taken for dead.
 */
export function isParentDead(mark: string): boolean {
  const [, id, startTime, namespace] = /^(\d+):(\d+):(.+)$/.exec(mark) ?? [];
  if (namespace === undefined || namespace !== readProcessNamespace()) return false;
  const parent = readProcess(Number(id));
  return parent === undefined || parent.isDead || parent.startTime !== startTime;
}
