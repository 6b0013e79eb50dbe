import type { CompiledServer } from "./compile/compiled-server.ts";
import type { GatewayState } from "./gateway-state.ts";
import type { ToolMetrics } from "./metrics.ts";
import type { Snapshot } from "./snapshot.ts";
import type { UpstreamHandle, UpstreamPool } from "./upstream-pool.ts";

/**
 * Closes upstreams and forgets counters that nothing needs any more. Looks only at servers that were
 * compiled or replaced since it looked last: what a reload costs is what it changed.
 */
export class UnusedParts {
  readonly #state: GatewayState;
  readonly #pool: UpstreamPool;
  /** Keys of servers that may have parts which nobody needs. */
  readonly #touched = new Set<string>();
  /** Replaced snapshots that are still leased. */
  readonly #leaving = new Set<Snapshot>();
  /** Compiled servers that wait for a name or prefix which another document has. */
  #waiting: readonly CompiledServer[] = [];
  #isHeld = false;

  constructor(state: GatewayState, pool: UpstreamPool) {
    this.#state = state;
    this.#pool = pool;
  }

  /** A document of this server was compiled, or it is served no more. */
  touch(serverKey: string): void {
    this.#touched.add(serverKey);
  }

  /** Releases nothing from now on: a load is under way, whose servers are in no snapshot yet. */
  hold(): void {
    this.#isHeld = true;
  }

  /** The load is over. @param waiting its servers that are not served and may be later */
  resume(waiting: readonly CompiledServer[]): void {
    this.#isHeld = false;
    this.#waiting = waiting;
    this.#release();
  }

  /** A snapshot was replaced: what it alone needs is released when its last message ends. */
  replaced(snapshot: Snapshot): void {
    this.#leaving.add(snapshot);
    snapshot.whenReleased(() => {
      this.#leaving.delete(snapshot);
      this.#release();
    });
  }

  #release(): void {
    if (this.#isHeld) return;
    const { state, log } = { state: this.#state, log: this.#state.log };
    for (const key of this.#touched) {
      const needed = this.#needed(key);
      const handles = new Set<UpstreamHandle>();
      const metrics = new Set<ToolMetrics>();
      const offering = new Set<string>();
      for (const server of needed) {
        for (const handle of server.upstreams) {
          handles.add(handle);
          if (handle.kind === "mcp") offering.add(handle.name);
        }
        for (const tool of server.parts.tools.values()) metrics.add(tool.metrics);
      }
      state.metrics.retain(key, metrics, offering);
      for (const closing of this.#pool.retain(key, handles)) {
        closing.catch((error: unknown) => log.warn("upstream did not close", { error }));
      }
    }
    if (this.#leaving.size === 0) this.#touched.clear();
  }

  #needed(key: string): CompiledServer[] {
    const needed = this.#waiting.filter((server) => server.key === key && server.isCompiled);
    for (const { servers } of [this.#state.snapshot, ...this.#leaving]) {
      const server = servers.get(key);
      // One that nobody has called has no parts yet.
      if (server?.isCompiled === true) needed.push(server);
    }
    return needed;
  }
}
