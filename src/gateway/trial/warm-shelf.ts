import type { DocumentRef } from "../../core/config-store.ts";
import { AppError } from "../../core/errors.ts";
import type { Clock } from "../../upstreams/mcp/lifecycle/clock.ts";
import type { UpstreamHandle } from "../upstream-pool.ts";
import type { WarmServer } from "./warm-server.ts";

export interface WarmShelfOptions {
  readonly clock: Clock;
  /** Most servers that are kept. */
  readonly maxServers: number;
  /** A server without runs is closed after this time. */
  readonly idleMs: number;
}

/** A server that is in use until `end`. */
export interface WarmLease {
  readonly warm: WarmServer;
  end(): void;
}

interface Kept {
  readonly key: string;
  readonly server: string;
  readonly version: number;
  readonly warm: WarmServer;
  runs: number;
  usedAt: number;
  /** Nobody gets it any more; it is closed when its last run ends. */
  isRetired: boolean;
}

/** Compiled servers with open upstreams, kept for a while so that the next run finds them warm. */
export class WarmShelf {
  readonly #options: WarmShelfOptions;
  readonly #kept = new Map<string, Kept>();
  /** Retired ones with runs, and those that are being closed. */
  readonly #leaving = new Set<Kept>();
  readonly #closings = new Set<Promise<void>>();
  #cancelSweep: (() => void) | undefined;
  #isClosed = false;

  constructor(options: WarmShelfOptions) {
    this.#options = options;
  }

  /** Servers that are kept, and those that are not gone yet. */
  get size(): number {
    return this.#kept.size + this.#leaving.size;
  }

  /**
   * Leases a version of a server; `make` makes it when it is not there or its secrets have changed. Fails with
   * `overloaded` when all that may be kept are in use, and with what `make` throws.
   *
   * @param newest the newest version of the server: older ones than that are kept only while they are used
   */
  lease(ref: DocumentRef, version: number, newest: number, make: () => WarmServer): WarmLease {
    if (this.#isClosed) throw new AppError("unavailable", "The program is ending.");
    const server = `${ref.tenant}/${ref.name}`;
    const key = `${server}@${version}`;
    for (const other of this.#kept.values()) {
      if (other.server === server && other.version !== version && other.version !== newest) this.#retire(other);
    }
    const known = this.#kept.get(key);
    if (known !== undefined && !known.warm.isCurrent) this.#retire(known);
    const kept = this.#kept.get(key) ?? this.#add({ key, server, version }, make);
    kept.runs++;
    let isOver = false;
    return {
      warm: kept.warm,
      end: () => {
        if (isOver) return;
        isOver = true;
        this.#ended(kept);
      },
    };
  }

  /** As `UpstreamPool.find`, over all that are kept. */
  find(server: string, key: string): UpstreamHandle | undefined {
    for (const { warm } of this.#kept.values()) {
      const found = warm.pool.find(server, key);
      if (found?.running !== undefined) return found;
    }
    return undefined;
  }

  /** Takes no more runs; resolves when every upstream has ended, those with runs within their deadline. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelSweep?.();
    for (const kept of this.#kept.values()) this.#retire(kept);
    for (const kept of this.#leaving) this.#close(kept);
    await Promise.all(this.#closings);
  }

  #add(place: Pick<Kept, "key" | "server" | "version">, make: () => WarmServer): Kept {
    if (this.size >= this.#options.maxServers) this.#makeRoom();
    const kept: Kept = { ...place, warm: make(), runs: 0, usedAt: this.#options.clock.now(), isRetired: false };
    this.#kept.set(kept.key, kept);
    this.#planSweep();
    return kept;
  }

  #makeRoom(): void {
    let oldest: Kept | undefined;
    for (const kept of this.#kept.values()) {
      if (kept.runs === 0 && (oldest === undefined || kept.usedAt < oldest.usedAt)) oldest = kept;
    }
    if (oldest === undefined) {
      throw new AppError("overloaded", "Tools of too many servers are being run. Try again in a moment.");
    }
    this.#retire(oldest);
  }

  #ended(kept: Kept): void {
    kept.runs--;
    kept.usedAt = this.#options.clock.now();
    if (kept.isRetired && kept.runs === 0) this.#close(kept);
  }

  #retire(kept: Kept): void {
    this.#kept.delete(kept.key);
    kept.isRetired = true;
    this.#leaving.add(kept);
    if (kept.runs === 0) this.#close(kept);
  }

  #close(kept: Kept): void {
    const closing = kept.warm.close().finally(() => {
      this.#leaving.delete(kept);
      this.#closings.delete(closing);
    });
    this.#closings.add(closing);
  }

  #planSweep(): void {
    this.#cancelSweep ??= this.#options.clock.after(this.#options.idleMs, () => this.#sweep());
  }

  #sweep(): void {
    this.#cancelSweep = undefined;
    const idleSince = this.#options.clock.now() - this.#options.idleMs;
    for (const kept of this.#kept.values()) {
      if (kept.runs === 0 && kept.usedAt <= idleSince) this.#retire(kept);
    }
    if (this.#kept.size > 0 && !this.#isClosed) this.#planSweep();
  }
}
