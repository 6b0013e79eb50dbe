import { AppError } from "../../../core/errors.ts";
import type { Clock } from "./clock.ts";
import type { McpConnection } from "../connection.ts";
import type { ConnectionSlot } from "./connection-slot.ts";
import { Planned } from "./planned.ts";
import type { SlotTable } from "./slot-table.ts";

export interface SlotSweepOptions {
  readonly table: SlotTable;
  readonly clock: Clock;
  readonly idleMs: number;
  readonly healthMs: number;
  /** Whether somebody needs the connection although nobody calls. */
  readonly isWanted: (slot: ConnectionSlot) => boolean;
}

/** What is remembered of a slot from sweep to sweep. */
interface SlotNotes {
  /** Its last use as of the last sweep. */
  lastUse: number;
  /** Since when nothing happened on it. */
  quietSince: number;
  nextPingAt: number;
  /** Whether the connection was asked if it still answers, and has not said so yet. */
  isPinged: boolean;
  /** Until when an answer of its makes asking again pointless. */
  believedUntil: number;
}

const longestSweepMs = 10_000;
const leastSweepMs = 20;
const longestPingMs = 10_000;
/** A server that has just answered is not asked again by the next call that fails. */
const beliefMs = 1_000;

/**
 * Looks after the connections of one upstream with one timer for all of them: ends those that nobody
 * used for a while, and asks quiet ones on which somebody relies whether they still answer.
 */
export class SlotSweep {
  readonly #options: SlotSweepOptions;
  readonly #sweepMs: number;
  readonly #next: Planned;
  readonly #notes = new WeakMap<ConnectionSlot, SlotNotes>();

  constructor(options: SlotSweepOptions) {
    this.#options = options;
    const quarter = Math.min(options.idleMs, options.healthMs) / 4;
    this.#next = new Planned(options.clock, () => this.#sweep());
    this.#sweepMs = Math.min(longestSweepMs, Math.max(leastSweepMs, quarter));
  }

  /** Goes on for as long as there are slots. May be called while it goes on. */
  start(): void {
    if (!this.#next.isDue) this.#next.in(this.#sweepMs);
  }

  /**
   * A call got no answer, or a broken one: the server may be slow, or hang, or be gone. Asks it, so that
   * calls do not go on failing on a connection where nobody listens.
   */
  doubt(slot: ConnectionSlot, connection: McpConnection): void {
    const now = this.#options.clock.now();
    if (slot.connection !== connection || now < this.#notesOn(slot, now).believedUntil) return;
    this.#ping(slot, connection, now);
  }

  stop(): void {
    this.#next.cancel();
  }

  #sweep(): void {
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
    const notes = this.#notesOn(slot, now);
    const inFlight = (slot.connection?.inFlight ?? 0) > 0;
    const wasUsed = slot.lastUse !== notes.lastUse || inFlight;
    if (wasUsed) notes.nextPingAt = now + this.#pingPause();
    if (wasUsed || slot.isBusy) {
      notes.lastUse = slot.lastUse;
      notes.quietSince = now;
    }
    if (slot.isBusy || isWanted(slot)) {
      const { connection } = slot;
      if (connection !== undefined && !inFlight && now >= notes.nextPingAt) this.#ping(slot, connection, now);
      return;
    }
    // Nobody can find it any more: it served those who held it.
    const isOver = slot.connection !== undefined && !table.isNamed(slot) && slot.binding.kind !== "call";
    const isIdle = now - notes.quietSince >= idleMs && slot.state !== "failed";
    if (isOver || isIdle) void table.drop(slot, unused());
  }

  #ping(slot: ConnectionSlot, connection: McpConnection, now: number): void {
    const notes = this.#notesOn(slot, now);
    if (notes.isPinged) return;
    notes.isPinged = true;
    const timeoutMs = Math.min(this.#options.healthMs, longestPingMs);
    notes.nextPingAt = now + timeoutMs + this.#pingPause();
    connection
      .ping(now + timeoutMs)
      .then(() => {
        notes.believedUntil = this.#options.clock.now() + beliefMs;
      })
      .finally(() => {
        notes.isPinged = false;
      })
      .catch((error: unknown) => slot.unanswered(connection, unanswered(error)));
  }

  #notesOn(slot: ConnectionSlot, now: number): SlotNotes {
    let notes = this.#notes.get(slot);
    if (notes === undefined) {
      notes = {
        lastUse: slot.lastUse,
        quietSince: now,
        nextPingAt: now + this.#pingPause(),
        isPinged: false,
        believedUntil: 0,
      };
      this.#notes.set(slot, notes);
    }
    return notes;
  }

  /** Not all at the same moment. */
  #pingPause(): number {
    const { clock, healthMs } = this.#options;
    return healthMs * (0.75 + clock.random() / 2);
  }
}

function unused(): AppError {
  return new AppError("upstream_failed", "The connection was not used any more.");
}

function unanswered(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError("upstream_failed", "The upstream did not answer a ping.", { cause: error });
}
