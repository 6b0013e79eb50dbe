import type { SecretSource } from "../../core/config-source.ts";
import { AppError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Log } from "../../core/log.ts";
import type { McpCallContext } from "../../core/mcp-call.ts";
import { anonymous, type Principal } from "../../core/principal.ts";
import type { Binding, Caller } from "./binding.ts";
import { emptyCatalogue, type Catalogue } from "./catalogue.ts";
import { CatalogueSupply } from "./catalogue/catalogue-supply.ts";
import type { McpConnection } from "./connection.ts";
import { type Clock, systemClock } from "./lifecycle/clock.ts";
import type { ConnectionSlot } from "./lifecycle/connection-slot.ts";
import { SlotSweep } from "./lifecycle/slot-sweep.ts";
import { SlotTable } from "./lifecycle/slot-table.ts";
import type { Watch } from "./lifecycle/watch-counter.ts";
import type { McpReply, McpRequest } from "./mcp-request.ts";
import type { McpUpstreamPlan } from "./mcp-upstream-plan.ts";
import { describeUpstream, type McpUpstreamStatus } from "./mcp-upstream-status.ts";
import { openTokenSource, type OpenTokenSource } from "./oauth/open-token-source.ts";
import { RequestSender } from "./request-sender.ts";
import { namesOf, type OpenedReach, openReach } from "./open-reach.ts";

export type { Binding, Caller } from "./binding.ts";
export type { Watch } from "./lifecycle/watch-counter.ts";
export type { McpUpstreamStatus } from "./mcp-upstream-status.ts";

/** What an upstream tells the data plane without being asked. Never called after `close`. */
export interface McpUpstreamEvents {
  /**
   * The catalogue is another one.
   *
   * @param principalId whose; undefined for the one of everybody. Only `sharing: per-principal` gives each
   *   principal a catalogue of its own, and only while the server keeps something about its callers.
   */
  catalogueChanged(principalId: string | undefined): void;
  /** A notification that belongs to no call (`notifications/resources/updated`, log messages, vendors'). */
  notified(binding: Binding, method: string, params: JsonObject): void;
}

export interface McpUpstreamOptions {
  readonly secrets: SecretSource;
  readonly log: Log;
  readonly events: McpUpstreamEvents;
  /** As the upstream's `oauth` says without it. */
  readonly openTokens?: OpenTokenSource;
  /** As the plan says without it. */
  readonly reach?: OpenedReach;
  /** The clock of `McpCallContext.deadlineAt`; the system's without it. */
  readonly clock?: Clock;
}

const nothingToWatch: Watch = { inEffect: Promise.resolve(), end: () => undefined };
const usualCloseDeadlineMs = 5_000;
const closeSweepMs = 20;

/**
 * One MCP server that a document names, over as many connections as its `sharing` asks for. Nothing is
 * connected before the first use, unless it is `eager`. Calls may overlap.
 */
export class McpUpstream {
  readonly #plan: McpUpstreamPlan;
  readonly #options: McpUpstreamOptions;
  readonly #label: string;
  readonly #clock: Clock;
  /** Undefined when the configuration cannot be used. */
  readonly #reach: OpenedReach | undefined;
  readonly #fault: AppError | undefined;
  readonly #table: SlotTable;
  readonly #sweep: SlotSweep;
  readonly #supply: CatalogueSupply;
  readonly #sender: RequestSender;
  #lastError: { readonly error: AppError; readonly at: string } | undefined;
  #isDown = false;
  #closing: Promise<void> | undefined;

  constructor(plan: McpUpstreamPlan, options: McpUpstreamOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const { label, key } = namesOf(plan);
    this.#label = label;
    const { secrets, log, openTokens = openTokenSource } = options;
    const reach = options.reach ?? openReach(plan, { secrets, log, openTokens });
    this.#fault = reach instanceof AppError ? reach : undefined;
    this.#reach = reach instanceof AppError ? undefined : reach;
    const { config, dependsOnPrincipal } = plan;
    const isWanted = (slot: ConnectionSlot): boolean => this.#isWanted(slot);
    this.#table = new SlotTable({
      config,
      dependsOnPrincipal,
      connect: (principal) => {
        if (reach instanceof AppError) throw reach;
        return reach.connect(principal);
      },
      clock: this.#clock,
      events: {
        opened: (slot, connection) => this.#opened(slot, connection),
        failed: (slot, error, isDown) => this.#failed(slot, error, isDown),
        notified: (slot, method, params) => this.#notified(slot, method, params),
        isWanted,
      },
      label,
      key,
    });
    this.#sweep = new SlotSweep({ table: this.#table, clock: this.#clock, ...config, isWanted });
    this.#supply = new CatalogueSupply({
      plan,
      table: this.#table,
      clock: this.#clock,
      log,
      transport: () => this.#reach?.detected.transport,
      claim: (principal) => this.#claimOf(principal),
      onChange: (principalId) => {
        if (this.#closing === undefined) options.events.catalogueChanged(principalId);
      },
    });
    this.#sender = new RequestSender({
      table: this.#table,
      clock: this.#clock,
      label,
      claim: (caller) => this.#claim(caller),
      doubt: (slot, connection) => this.#sweep.doubt(slot, connection),
      refusal: () => this.#fault ?? (this.#closing === undefined ? undefined : this.#isClosing()),
    });
    if (config.eager && this.#fault === undefined) void this.#claimOf(anonymous).openInBackground();
  }

  /**
   * Sends one request on the caller's connection; opens it when there is none. Rejects like
   * `McpConnection.request`, but for a lost session: that is opened again, and what may be repeated is.
   */
  request(request: McpRequest, context: McpCallContext): Promise<McpReply> {
    return this.#sender.send(request, context);
  }

  /** What the upstream offers this principal, as far as it is known now. The same object until it changes. */
  catalogue(principal: Principal): Catalogue {
    if (this.#fault !== undefined) return emptyCatalogue;
    return this.#closing === undefined ? this.#supply.current(principal) : this.#supply.known(principal);
  }

  /**
   * The same without asking the server anything. What another principal was shown last stands in for what this one
   * never asked for, where the server cannot tell them apart by their headers.
   */
  peek(principal: Principal): Catalogue {
    if (this.#fault !== undefined) return emptyCatalogue;
    const known = this.#supply.known(principal);
    return known.state !== "pending" || this.#plan.dependsOnPrincipal ? known : (this.#supply.recent ?? known);
  }

  /**
   * The catalogue once it has been listed for the first time, or when that has failed or took longer
   * than `startTimeoutMs`. Never rejects; does not wait for an upstream that is known to be down.
   */
  listed(principal: Principal): Promise<Catalogue> {
    if (this.#fault !== undefined || this.#closing !== undefined) return Promise.resolve(this.catalogue(principal));
    return this.#supply.listed(principal);
  }

  /**
   * The catalogue after its lists were read again: for a caller who has learned that they are old. Never
   * rejects, and takes no longer than `startTimeoutMs`.
   */
  relisted(principal: Principal): Promise<Catalogue> {
    if (this.#fault !== undefined || this.#closing !== undefined) return Promise.resolve(this.catalogue(principal));
    return this.#supply.relisted(principal);
  }

  /**
   * Holds a connection open that tells changes of lists and, if given, of one resource. Changes of lists
   * are heard on the connection that feeds the catalogue; a resource is watched on the caller's own.
   */
  watch(caller: Caller, uri: string | undefined): Watch {
    if (this.#fault !== undefined || this.#closing !== undefined) return nothingToWatch;
    const slot = uri === undefined ? this.#claimOf(caller.principal) : this.#claim(caller);
    const watch = slot.watch(uri);
    return {
      inEffect: watch.inEffect,
      end: () => {
        watch.end();
        this.#table.dropStranger(slot);
      },
    };
  }

  /** The client's session is over: what was opened for it alone ends, calls under way on it are cancelled. */
  sessionEnded(sessionId: string): void {
    void this.#table.dropSession(sessionId, new AppError("cancelled", "The session has ended."));
  }

  /** For `/status`. No secrets. */
  status(): McpUpstreamStatus {
    return describeUpstream({
      reach: this.#reach,
      table: this.#table,
      supply: this.#supply,
      lastError: this.#fault ?? this.#lastError?.error,
      lastErrorAt: this.#lastError?.at,
      isClosed: this.#closing !== undefined,
    });
  }

  /** Takes no more calls; those under way get `deadlineMs` to finish. May be called twice. */
  close(deadlineMs: number = usualCloseDeadlineMs): Promise<void> {
    this.#closing ??= this.#close(deadlineMs);
    return this.#closing;
  }

  #claim(caller: Caller): ConnectionSlot {
    const slot = this.#table.claim(caller);
    this.#sweep.start();
    return slot;
  }

  #claimOf(principal: Principal): ConnectionSlot {
    const slot = this.#table.claimOf(principal);
    this.#sweep.start();
    return slot;
  }

  #opened(slot: ConnectionSlot, connection: McpConnection): void {
    if (this.#isDown) this.#options.log.info("upstream is up again", { upstream: this.#plan.name });
    this.#isDown = false;
    this.#supply.opened(slot, connection);
  }

  #failed(slot: ConnectionSlot, error: AppError, isDown: boolean): void {
    this.#lastError = { error, at: new Date().toISOString() };
    if (isDown) this.#supply.down(slot);
    // Once for all attempts until it is up again.
    if (this.#isDown) return;
    this.#isDown = true;
    this.#options.log.warn("upstream failed", { upstream: this.#plan.name, reason: error.message, error });
  }

  #notified(slot: ConnectionSlot, method: string, params: JsonObject): void {
    if (this.#closing !== undefined || slot.connection === undefined) return;
    if (this.#supply.changed(slot, method)) return;
    const binding = this.#table.audienceOf(slot);
    // What a log says that belongs to no call under way may be about one that has just ended: a stranger's.
    if (binding === undefined || (binding.kind === "shared" && method === "notifications/message")) return;
    this.#options.events.notified(binding, method, params);
  }

  #isWanted(slot: ConnectionSlot): boolean {
    if (this.#closing !== undefined) return false;
    if (slot.watches.count > 0) return true;
    if (slot !== this.#table.findOf(anonymous)) return false;
    return this.#plan.config.eager || this.#supply.isMissed(slot);
  }

  async #close(deadlineMs: number): Promise<void> {
    const endsAt = this.#clock.now() + deadlineMs;
    this.#supply.close();
    while (this.#callsUnderWay() > 0 && this.#clock.now() < endsAt) await this.#pause();
    this.#sweep.stop();
    const over = this.#isClosing();
    await Promise.all([...this.#table.slots()].map((slot) => this.#table.drop(slot, over)));
    await this.#reach?.close(Math.max(0, endsAt - this.#clock.now()));
  }

  #isClosing(): AppError {
    return new AppError("upstream_failed", `${this.#label} is being closed.`);
  }

  #callsUnderWay(): number {
    let calls = 0;
    for (const slot of this.#table.slots()) calls += slot.waiting + (slot.connection?.inFlight ?? 0);
    return calls;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(closeSweepMs, resolve);
    });
  }
}
