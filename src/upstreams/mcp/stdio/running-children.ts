import { SlotList, type Slotted } from "../../../core/slot-list.ts";
import { signalGroup } from "./process-group.ts";
import { hasProcessTable, listProcesses, readResidentBytes } from "./process-table.ts";

/** A child whose process group has not ended yet. */
export interface RunningChild extends Slotted {
  readonly groupId: number;
  /** Of the whole group; undefined for no limit. */
  readonly maxMemoryBytes: number | undefined;
  /** Called when the group holds more. */
  exceedMemory(bytes: number): void;
}

const sweepMs = 1_000;

const nothingKnown: ReadonlyMap<number, number> = new Map();

/**
 * All children of this process. One listener ends them when the process exits without having closed its
 * upstreams (an uncaught exception, say); one timer looks at the memory of those that have a limit.
 */
class RunningChildren {
  readonly #children = new SlotList<RunningChild>();
  #limited = 0;
  #timer: NodeJS.Timeout | undefined;
  #isSweeping = false;

  add(child: RunningChild): void {
    if (this.#children.size === 0) process.on("exit", this.#killAll);
    this.#children.add(child);
    if (child.maxMemoryBytes === undefined || !hasProcessTable) return;
    this.#limited += 1;
    this.#timer ??= setInterval(() => void this.#sweep(), sweepMs).unref();
  }

  delete(child: RunningChild): void {
    if (!this.#children.delete(child)) return;
    if (this.#children.size === 0) process.off("exit", this.#killAll);
    if (child.maxMemoryBytes === undefined || !hasProcessTable) return;
    this.#limited -= 1;
    if (this.#limited > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Nothing that waits happens any more when a process exits. */
  readonly #killAll = (): void => {
    for (const { groupId } of this.#children.toArray()) signalGroup(groupId, "SIGKILL");
  };

  async #sweep(): Promise<void> {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    // When no file can be opened nothing is known of their memory: the next look tells.
    const used = await residentBytesOf(this.#limitedGroups()).catch(() => nothingKnown);
    this.#isSweeping = false;
    for (const child of this.#children.toArray()) {
      const bytes = used.get(child.groupId) ?? 0;
      if (child.maxMemoryBytes !== undefined && bytes > child.maxMemoryBytes) child.exceedMemory(bytes);
    }
  }

  #limitedGroups(): ReadonlySet<number> {
    const limited = this.#children.toArray().filter(({ maxMemoryBytes }) => maxMemoryBytes !== undefined);
    return new Set(limited.map(({ groupId }) => groupId));
  }
}

async function residentBytesOf(groups: ReadonlySet<number>): Promise<ReadonlyMap<number, number>> {
  const used = new Map<number, number>();
  for await (const { id, groupId } of listProcesses()) {
    if (groups.has(groupId)) used.set(groupId, (used.get(groupId) ?? 0) + readResidentBytes(id));
  }
  return used;
}

/** The exit of a process is one event for all upstreams in it. Nothing runs while there are no children. */
export const runningChildren = new RunningChildren();
