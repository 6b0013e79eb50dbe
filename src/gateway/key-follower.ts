import type { KeyRing } from "../access/key-ring.ts";
import { opensServer } from "../access/key-scope.ts";
import { AppError } from "../core/errors.ts";
import type { KeySource } from "../core/key-source.ts";
import type { Principal } from "../core/principal.ts";
import type { Clock } from "../upstreams/mcp/lifecycle/clock.ts";
import type { GatewayState } from "./gateway-state.ts";

export interface KeyFollowerOptions {
  readonly state: GatewayState;
  readonly keys: KeyRing;
  readonly source: KeySource;
  readonly clock: Clock;
  /** How often the source is asked besides hints. */
  readonly pollMs: number;
}

/** How often it is handed on when keys were used. */
const useMs = 30_000;
/** Longest wait for the next key to expire. */
const maxExpiryMs = 3_600_000;
/** Longest wait for the last use to be handed on at the end. */
const closeMs = 2_000;

/**
 * Follows the API keys of a store: exchanges them when the revision moved, ends what revoked and expired keys have
 * open, and hands on when keys were used. While the source is away the known keys stay.
 */
export class KeyFollower {
  readonly #options: KeyFollowerOptions;
  readonly #timers = new Map<string, () => void>();
  #revision: number | undefined;
  #refreshing: Promise<void> | undefined;
  #again = false;
  #isAway = false;
  #isClosed = false;

  /** Until the first refresh succeeds, unknown keys may be ones that are still to come. */
  constructor(options: KeyFollowerOptions) {
    this.#options = options;
    options.keys.isComplete = false;
    this.#every("poll", options.pollMs, () => this.refresh());
    this.#every("use", useMs, () => this.#flush());
  }

  /** Reads keys when they have changed. Never rejects: what goes wrong is logged once. */
  refresh(): Promise<void> {
    if (this.#refreshing !== undefined) {
      this.#again = true; // what it reads may be older than the hint
      return this.#refreshing;
    }
    this.#refreshing = this.#refreshAll().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** Hands on what keys were used. May be called twice. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const cancel of this.#timers.values()) cancel();
    let stop = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      stop = this.#options.clock.after(closeMs, resolve);
    });
    await Promise.race([this.#flush(), late]);
    stop();
  }

  async #refreshAll(): Promise<void> {
    do {
      this.#again = false;
      await this.#refreshOnce();
    } while (this.#again);
  }

  async #refreshOnce(): Promise<void> {
    const { source, keys, state } = this.#options;
    try {
      if (this.#revision === undefined || (await source.revision()) !== this.#revision) {
        const read = await source.readAll();
        keys.replaceStored(read.keys, read.disabledTenants);
        this.#revision = read.revision;
        this.#endRevoked();
      }
      if (this.#isAway) state.log.info("API keys are read again");
      this.#isAway = false;
    } catch (error) {
      const isExpected = error instanceof AppError && error.code === "unavailable";
      if (!isExpected) state.log.error("API keys cannot be read; the known ones stay", { error });
      else if (!this.#isAway) state.log.warn("API keys cannot be read; the known ones stay", { error });
      this.#isAway = isExpected;
    }
  }

  /** Ends sessions, streams and parked calls of those who would not be let in any more. */
  #endRevoked(): void {
    const { state, keys, clock } = this.#options;
    const mayStay = ({ principal, serverKey }: { principal: Principal; serverKey: string }): boolean => {
      const server = state.snapshot.servers.get(serverKey);
      if (server !== undefined && keys.isDisabled(server.tenant)) return false;
      if (principal.kind !== "key") return true;
      return keys.isCurrent(principal) && (server === undefined || opensServer(principal, server));
    };
    state.sessions.retain(mayStay);
    state.parking.retain(mayStay);
    state.listeners.end(mayStay);
    const next = keys.nextExpiry;
    if (next === undefined || this.#isClosed) return;
    const waitMs = Math.min(Math.max(next - keys.now, 0) + 1, maxExpiryMs);
    this.#timers.get("expiry")?.();
    this.#timers.set(
      "expiry",
      clock.after(waitMs, () => this.#endRevoked()),
    );
  }

  async #flush(): Promise<void> {
    const { keys, source, state } = this.#options;
    const used = keys.takeUse();
    if (used.size === 0) return;
    try {
      await source.recordUse(used);
    } catch (error) {
      keys.giveBackUse(used);
      state.log.debug("the use of API keys could not be recorded", { error });
    }
  }

  #every(name: string, intervalMs: number, work: () => Promise<void>): void {
    const next = (): void => {
      if (this.#isClosed) return;
      this.#timers.set(
        name,
        this.#options.clock.after(intervalMs, () => void work().finally(next)),
      );
    };
    next();
  }
}
