import { AppError } from "../../../core/errors.ts";
import type { Clock } from "./clock.ts";
import type { McpConnection } from "../connection.ts";
import type { ConnectionSlot } from "./connection-slot.ts";
import type { SlotTable } from "./slot-table.ts";

export interface SlotSweepOptions {
  readonly table: SlotTable;
  readonly clock: Clock;
  readonly idleMs: number;
  readonly healthMs: number;
  /** Whether somebody needs the connection although nobody calls. */
  readonly isWanted: (slot: ConnectionSlot) => boolean;
}

const longestSweepMs = 10_000;
const leastSweepMs = 20;
const longestPingMs = 10_000;

/**
 * Looks after the connections of one upstream with one timer for all of them: ends those that nobody
 * used for a while, and asks quiet ones on which somebody relies whether they still answer.
 */
export class SlotSweep {
  readonly #options: SlotSweepOptions;
  readonly #sweepMs: number;
  #cancel: (() => void) | undefined;

  constructor(options: SlotSweepOptions) {
    this.#options = options;
    const quarter = Math.min(options.idleMs, options.healthMs) / 4;
    this.#sweepMs = Math.min(longestSweepMs, Math.max(leastSweepMs, quarter));
  }

  /** Goes on for as long as there are slots. May be called while it goes on. */
  start(): void {
    this.#cancel ??= this.#options.clock.after(this.#sweepMs, () => this.#sweep());
  }

  /**
   * A call got no answer in time: the server may be slow, or hang. Asks it, so that calls do not go on
   * running into their deadlines on a connection where nobody listens.
   */
  doubt(slot: ConnectionSlot, connection: McpConnection): void {
    if (slot.connection === connection) this.#ping(slot, connection, this.#options.clock.now());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #sweep(): void {
    this.#cancel = undefined;
    const now = this.#options.clock.now();
    let slots = 0;
    for (const slot of this.#options.table.slots()) {
      slots++;
      this.#lookAt(slot, now);
    }
    if (slots > 0) this.start();
  }

  #lookAt(slot: ConnectionSlot, now: number): void {
    const { table, idleMs, isWanted } = this.#options;
    const inFlight = (slot.connection?.inFlight ?? 0) > 0;
    const wasUsed = slot.lastUse !== slot.quietUse || inFlight;
    if (wasUsed) slot.nextPingAt = now + this.#pingPause();
    if (wasUsed || slot.isBusy) {
      slot.quietUse = slot.lastUse;
      slot.quietSince = now;
    }
    if (slot.isBusy || isWanted(slot)) {
      const { connection } = slot;
      if (connection !== undefined && !inFlight && now >= slot.nextPingAt) this.#ping(slot, connection, now);
      return;
    }
    // Nobody can find it any more: it served those who held it.
    const isOver = slot.connection !== undefined && !table.isNamed(slot) && slot.binding.kind !== "call";
    const isIdle = now - slot.quietSince >= idleMs && slot.state !== "failed";
    if (isOver || isIdle)
      void table.drop(slot, new AppError("upstream_failed", "The connection was not used any more."));
  }

  #ping(slot: ConnectionSlot, connection: McpConnection, now: number): void {
    if (slot.isPinged) return;
    slot.isPinged = true;
    const timeoutMs = Math.min(this.#options.healthMs, longestPingMs);
    slot.nextPingAt = now + timeoutMs + this.#pingPause();
    connection
      .ping(now + timeoutMs)
      .finally(() => {
        slot.isPinged = false;
      })
      .catch((error: unknown) => slot.lost(connection, unanswered(error)));
  }

  /** Not all at the same moment. */
  #pingPause(): number {
    const { clock, healthMs } = this.#options;
    return healthMs * (0.75 + clock.random() / 2);
  }
}

function unanswered(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError("upstream_failed", "The upstream did not answer a ping.", { cause: error });
}
