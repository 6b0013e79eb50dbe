import type { CompiledServer } from "./compile/compiled-server.ts";
import { RouteTable } from "./route-table.ts";

/**
 * All configuration in its compiled form: what the gateway serves from. Whoever answers a message
 * holds a lease, so that what only an old snapshot needs is released when its last message ends.
 */
export class Snapshot {
  readonly revision: string;
  readonly servers: ReadonlyMap<string, CompiledServer>;
  readonly routes: RouteTable;
  #leases = 0;
  #onReleased: (() => void) | undefined;

  /** @param routes of these servers */
  constructor(revision: string, servers: ReadonlyMap<string, CompiledServer>, routes: RouteTable) {
    this.revision = revision;
    this.servers = servers;
    this.routes = routes;
  }

  get leases(): number {
    return this.#leases;
  }

  acquire(): this {
    this.#leases++;
    return this;
  }

  release(): void {
    if (--this.#leases === 0) this.#onReleased?.();
  }

  /** Calls back once when nobody holds a lease any more; at once when nobody does. */
  whenReleased(callback: () => void): void {
    if (this.#leases === 0) callback();
    else {
      this.#onReleased = () => {
        this.#onReleased = undefined;
        callback();
      };
    }
  }
}

export const emptySnapshot = (): Snapshot => new Snapshot("", new Map(), new RouteTable());
