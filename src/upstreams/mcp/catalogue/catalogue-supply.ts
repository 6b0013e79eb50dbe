import type { Log } from "../../../core/log.ts";
import type { Principal } from "../../../core/principal.ts";
import type { Catalogue } from "../catalogue.ts";
import type { Detected } from "../connect.ts";
import type { McpConnection } from "../connection.ts";
import type { Clock } from "../lifecycle/clock.ts";
import type { ConnectionSlot } from "../lifecycle/connection-slot.ts";
import { settledWithin } from "../lifecycle/settled-within.ts";
import type { SlotTable } from "../lifecycle/slot-table.ts";
import type { McpUpstreamPlan } from "../mcp-upstream-plan.ts";
import { type CatalogueKeeper, isListChange } from "./catalogue-keeper.ts";
import { CatalogueShelf } from "./catalogue-shelf.ts";

export interface CatalogueSupplyOptions {
  readonly plan: McpUpstreamPlan;
  readonly table: SlotTable;
  readonly clock: Clock;
  readonly log: Log;
  /** How the server is reached, as soon as that is known. */
  readonly transport: () => Detected["transport"];
  /** The slot for what the gateway does on its own as this principal. */
  readonly claim: (principal: Principal) => ConnectionSlot;
  readonly onChange: (principalId: string | undefined) => void;
}

/**
 * Decides over which connections catalogues are read, and when: over one that is open, if there is
 * any, else over the gateway's own; after opening, when the server tells of changes, and when lists
 * grow old that nobody tells of.
 */
export class CatalogueSupply {
  readonly #options: CatalogueSupplyOptions;
  readonly #shelf: CatalogueShelf;

  constructor(options: CatalogueSupplyOptions) {
    this.#options = options;
    const { plan, clock, log, onChange } = options;
    const timeoutMs = plan.config.startTimeoutMs;
    this.#shelf = new CatalogueShelf({ clock, log, upstream: plan.name, timeoutMs, onChange });
  }

  /** Catalogues that are remembered. */
  get size(): number {
    return this.#shelf.size;
  }

  /** The one that was asked for last. */
  get recent(): Catalogue | undefined {
    return this.#shelf.recent?.catalogue;
  }

  current(principal: Principal): Catalogue {
    const keeper = this.#keeperOf(principal);
    this.#shelf.touch(keeper);
    if (keeper.isDue) this.#refresh(principal, keeper);
    return keeper.catalogue;
  }

  /** The same, without looking whether it is old. */
  known(principal: Principal): Catalogue {
    return this.#keeperOf(principal).catalogue;
  }

  /** The catalogue when it has been read, when that has failed, or when it takes too long. Never rejects. */
  async listed(principal: Principal): Promise<Catalogue> {
    const known = this.current(principal);
    if (known.state !== "pending") return known;
    const { plan, clock } = this.#options;
    await settledWithin(this.#readFirst(principal), plan.config.startTimeoutMs, clock);
    return this.#keeperOf(principal).catalogue;
  }

  /** The catalogue after its lists were read again, if that comes about in time. Never rejects. */
  async relisted(principal: Principal): Promise<Catalogue> {
    const { plan, clock } = this.#options;
    const keeper = this.#keeperOf(principal);
    const connection = this.#findFeeder(principal, (slot) => slot.connection !== undefined)?.connection;
    if (connection === undefined) return keeper.catalogue;
    // A reading that is under way may have begun before what is looked for was there.
    const readAnew = keeper.read().then(() => {
      keeper.readAll(() => connection);
      return keeper.read();
    });
    await settledWithin(readAnew, plan.config.startTimeoutMs, clock);
    return keeper.catalogue;
  }

  opened(slot: ConnectionSlot, connection: McpConnection): void {
    const keeper = this.#keeperOf(slot.principal);
    const isFeeder = this.#options.table.findOf(slot.principal) === slot;
    // Connections of sessions come by the thousand: they do not all ask for the same lists.
    const isNeeded = !keeper.isReading && (keeper.catalogue.state !== "current" || keeper.isDue);
    if (isFeeder || isNeeded) keeper.readAll(() => connection);
  }

  /** Takes what a notification says of lists. Returns false when it is about something else. */
  changed(slot: ConnectionSlot, method: string): boolean {
    if (!isListChange(method)) return false;
    this.#keeperOf(slot.principal).changed(method, () => this.#lastingSource(slot));
    return true;
  }

  /** A connection could not be opened: the catalogue is old, unless another connection still feeds it. */
  down(slot: ConnectionSlot): void {
    const keeper = this.#keeperOf(slot.principal);
    if (this.#findFeeder(slot.principal, (other) => other.connection !== undefined) === undefined) keeper.down();
  }

  /** Whether the slot feeds a catalogue that somebody has asked for and that it cannot feed now. */
  isMissed(slot: ConnectionSlot): boolean {
    const keeper = this.#keeperOf(slot.principal);
    if (keeper.lastAsked === 0 || slot.connection !== undefined) return false;
    return slot.lastError !== undefined;
  }

  close(): void {
    this.#shelf.close();
  }

  #keeperOf(principal: Principal): CatalogueKeeper {
    const { plan, table } = this.#options;
    const isOwn = plan.config.sharing === "per-principal" && !table.servesEverybody;
    return isOwn ? this.#shelf.of(principal) : this.#shelf.common();
  }

  /** Rejects when there is no connection to read over. */
  async #readFirst(principal: Principal): Promise<void> {
    const feeder =
      this.#findFeeder(principal, (slot) => slot.connection !== undefined) ??
      this.#findFeeder(principal, (slot) => slot.state === "opening") ??
      this.#options.claim(principal);
    const wasOpen = feeder.connection !== undefined;
    const connection = await feeder.open();
    // Who shares the connection, and with it the catalogue, may have become clear just now.
    const keeper = this.#keeperOf(principal);
    await keeper.read();
    if (!wasOpen || keeper.catalogue.state !== "pending") return;
    keeper.readAll(() => connection);
    await keeper.read();
  }

  /** Reads lists again that are older than they keep, without anybody who waits. */
  #refresh(principal: Principal, keeper: CatalogueKeeper): void {
    keeper.postpone();
    const isStale = keeper.catalogue.state === "stale";
    const feeder = this.#findFeeder(principal, (slot) => slot.connection !== undefined);
    if (feeder?.connection !== undefined) {
      const { connection } = feeder;
      if (isStale || !this.#tellsChanges(feeder, connection)) keeper.readAll(() => connection);
      return;
    }
    // A child that has ended for want of work offers the same when it is started again.
    if (isStale || this.#options.transport() !== "stdio") void this.#options.claim(principal).openInBackground();
  }

  /** The connection that told of a change, if it is one that lasts; else another, or one that is opened for it. */
  #lastingSource(slot: ConnectionSlot): McpConnection | undefined {
    const feeder = lasts(slot) ? slot : this.#findFeeder(slot.principal, lasts);
    // Opening it reads the lists.
    if (feeder === undefined) void this.#options.claim(slot.principal).openInBackground();
    return feeder?.connection;
  }

  /** Whether the server tells of changes of its lists by itself on this connection. */
  #tellsChanges(slot: ConnectionSlot, { isStateless }: McpConnection): boolean {
    if (isStateless) return slot.watches.count > 0;
    // Over Streamable HTTP the server need not offer the stream that would tell.
    return this.#options.transport() !== "streamable-http";
  }

  /** A slot whose connection reads the same catalogue: the gateway's own for this principal, or another. */
  #findFeeder(principal: Principal, matches: (slot: ConnectionSlot) => boolean): ConnectionSlot | undefined {
    const { table } = this.#options;
    const own = table.findOf(principal);
    if (own !== undefined && matches(own)) return own;
    const keeper = this.#keeperOf(principal);
    for (const slot of table.slots()) {
      if (matches(slot) && this.#keeperOf(slot.principal) === keeper) return slot;
    }
    return undefined;
  }
}

/** Whether the slot has a connection that will still be there in a moment. */
function lasts({ connection, binding }: ConnectionSlot): boolean {
  return connection !== undefined && binding.kind !== "call";
}
