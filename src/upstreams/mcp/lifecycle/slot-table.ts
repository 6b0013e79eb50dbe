import type { McpUpstreamConfig } from "../../../core/config/mcp-upstream-schema.ts";
import { AppError } from "../../../core/errors.ts";
import { anonymous, type Principal } from "../../../core/principal.ts";
import { Backoff } from "./backoff.ts";
import { type Binding, bindingOf, type Caller } from "../binding.ts";
import type { Clock } from "./clock.ts";
import type { McpConnection, OpenConnection } from "../connection.ts";
import { ConnectionSlot, type SlotOwner } from "./connection-slot.ts";
import { StartQueue } from "./start-queue.ts";

export interface SlotTableOptions {
  readonly config: McpUpstreamConfig;
  /** Whether the headers of the upstream are other ones for each principal. */
  readonly dependsOnPrincipal: boolean;
  readonly connect: (principal: Principal) => OpenConnection;
  readonly clock: Clock;
  readonly events: Pick<SlotOwner, "opened" | "failed" | "notified" | "isWanted">;
  readonly label: string;
  readonly key: string;
}

/**
 * Children that start at once on a machine of few cores slow each other down until they time out;
 * connecting over HTTP is waiting for the most part.
 */
const startsAtOnce = { stdio: 8, http: 64 };

const shared: Binding = { kind: "shared" };

/**
 * All connections of one upstream, found by who may use them. While the server keeps something about
 * its callers, that is what `sharing` says. A server of 2026-07-28 keeps nothing: one connection serves
 * everybody whose requests look alike.
 */
export class SlotTable {
  readonly #options: SlotTableOptions;
  readonly #starts: StartQueue;
  /** Calls of strangers have a slot each: only together do they know that the server is down. */
  readonly #strangersBackoff: Backoff;
  /** Slots that hold a connection, or are about to. */
  readonly #occupied = new Set<ConnectionSlot>();
  readonly #all = new Set<ConnectionSlot>();
  readonly #byPrincipal = new Map<string, ConnectionSlot>();
  readonly #bySession = new Map<string, ConnectionSlot>();
  /** The gateway's own, as nobody in particular; serves everybody who may share it. */
  #common: ConnectionSlot | undefined;
  #isStateless = false;
  #uses = 0;
  #restarts = 0;

  constructor(options: SlotTableOptions) {
    this.#options = options;
    this.#starts = new StartQueue(options.config.command === undefined ? startsAtOnce.http : startsAtOnce.stdio);
    this.#strangersBackoff = this.#newBackoff();
  }

  /** Whether the server was found to keep nothing between requests. */
  get isStateless(): boolean {
    return this.#isStateless;
  }

  /** Whether everybody may use one connection. */
  get servesEverybody(): boolean {
    const { config, dependsOnPrincipal } = this.#options;
    return config.sharing === "shared" || (this.#isStateless && !dependsOnPrincipal);
  }

  /** Connections that are open, being opened or being closed. */
  get occupied(): number {
    return this.#occupied.size;
  }

  /** Connections that were opened again. */
  get restarts(): number {
    let restarts = this.#restarts;
    for (const slot of this.#all) restarts += slot.restarts;
    return restarts;
  }

  /** Every slot, those of single calls too. */
  slots(): Iterable<ConnectionSlot> {
    return this.#all;
  }

  /** The slot that serves this caller, if there is one. */
  find(caller: Caller): ConnectionSlot | undefined {
    if (this.servesEverybody) return this.#common;
    if (this.#isStateless) return this.findOf(caller.principal);
    const { sharing } = this.#options.config;
    const { principal, sessionId } = caller;
    const bySession = sessionId !== undefined && (sharing === "per-session" || principal.kind === "anonymous");
    if (bySession) return this.#bySession.get(sessionId);
    return principal.kind === "anonymous" ? undefined : this.#byPrincipal.get(principal.id);
  }

  /** The slot for this caller; a new one when there is none, or none to share: the caller ends that one. */
  claim(caller: Caller): ConnectionSlot {
    const found = this.find(caller);
    if (found !== undefined) return found;
    if (this.servesEverybody) return this.claimOf(anonymous);
    if (this.#isStateless) return this.claimOf(caller.principal);
    const binding = bindingOf(this.#options.config.sharing, caller);
    switch (binding.kind) {
      case "shared":
        return this.claimOf(anonymous);
      case "principal":
        return this.#claimPrincipal(caller.principal);
      case "session": {
        const slot = this.#add(binding, this.#identityOf(caller.principal));
        this.#bySession.set(binding.id, slot);
        return slot;
      }
      case "call":
        return this.#add(binding, this.#identityOf(caller.principal), this.#strangersBackoff);
    }
  }

  /** The slot for what the gateway does on its own as this principal: lists, and telling of their changes. */
  findOf(principal: Principal): ConnectionSlot | undefined {
    return this.#hasOwnSlot(principal) ? this.#byPrincipal.get(principal.id) : this.#common;
  }

  /** The same; a new one when there is none. */
  claimOf(principal: Principal): ConnectionSlot {
    const found = this.findOf(principal);
    if (found !== undefined) return found;
    if (this.#hasOwnSlot(principal)) return this.#claimPrincipal(principal);
    this.#common = this.#add(shared, anonymous);
    return this.#common;
  }

  /** Notes a use, for the question which connection was unused for longest. */
  touch(slot: ConnectionSlot): void {
    slot.lastUse = ++this.#uses;
  }

  /** Ends the slot of a session that is over. */
  dropSession(sessionId: string, error: AppError): Promise<void> {
    const slot = this.#bySession.get(sessionId);
    return slot === undefined ? Promise.resolve() : this.drop(slot, error);
  }

  /** Ends a slot and takes it out of the table. Resolves when nothing is left of it. */
  async drop(slot: ConnectionSlot, error: AppError): Promise<void> {
    this.#unname(slot);
    await slot.end(error);
    if (this.#all.delete(slot)) this.#restarts += slot.restarts;
  }

  /** Ends the connection of one call or watch when that is over, unless it has become everybody's. */
  dropStranger(slot: ConnectionSlot): void {
    if (slot.binding.kind !== "call" || this.isNamed(slot) || slot.watches.count > 0) return;
    void this.drop(slot, new AppError("cancelled", "The call is over."));
  }

  /** Whether callers can find this slot; any other lives for those who hold it. */
  isNamed(slot: ConnectionSlot): boolean {
    const { binding } = slot;
    if (slot === this.#common) return true;
    if (binding.kind === "session") return this.#bySession.get(binding.id) === slot;
    return binding.kind === "principal" && this.#byPrincipal.get(binding.id) === slot;
  }

  /** Whom a notification on this slot's connection concerns; undefined for nobody. */
  audienceOf(slot: ConnectionSlot): Binding | undefined {
    if (this.servesEverybody) return shared;
    if (this.#isStateless) return { kind: "principal", id: slot.principal.id };
    return slot === this.#common ? undefined : slot.binding;
  }

  /**
   * Draws the conclusion from what was found at the other end. A connection of one caller that everybody
   * may use becomes the common one, unless there is one already: then it serves who has it and ends.
   */
  #learn(slot: ConnectionSlot, { isStateless }: McpConnection): void {
    const { dependsOnPrincipal, config } = this.#options;
    this.#isStateless = isStateless;
    if (!isStateless || config.sharing === "shared" || slot === this.#common) return;
    if (dependsOnPrincipal && slot.principal.kind !== "anonymous") return;
    const common = this.#common;
    this.#unname(slot);
    // One of an older kind, found before the server changed, is nobody's to share.
    const isShareable = common?.connection?.isStateless ?? common?.isBusy ?? false;
    if (isShareable) return;
    if (common !== undefined) void this.drop(common, new AppError("cancelled", "Another connection took its place."));
    this.#common = slot;
  }

  #unname(slot: ConnectionSlot): void {
    if (slot === this.#common) this.#common = undefined;
    const { binding } = slot;
    if (binding.kind === "session" && this.#bySession.get(binding.id) === slot) this.#bySession.delete(binding.id);
    if (binding.kind === "principal" && this.#byPrincipal.get(binding.id) === slot) {
      this.#byPrincipal.delete(binding.id);
    }
  }

  #claimPrincipal(principal: Principal): ConnectionSlot {
    const slot = this.#add({ kind: "principal", id: principal.id }, this.#identityOf(principal));
    this.#byPrincipal.set(principal.id, slot);
    return slot;
  }

  #hasOwnSlot({ kind }: Principal): boolean {
    if (this.servesEverybody || kind === "anonymous") return false;
    return this.#options.config.sharing === "per-principal";
  }

  /** As whom a caller's connection is opened: only headers of per-principal upstreams tell. */
  #identityOf(principal: Principal): Principal {
    return this.#options.config.sharing === "per-principal" ? principal : anonymous;
  }

  #add(binding: Binding, principal: Principal, backoff: Backoff = this.#newBackoff()): ConnectionSlot {
    const { connect, clock, events, config, label, key } = this.#options;
    const slot = new ConnectionSlot({
      binding,
      principal,
      // Not before it is opened: headers of a principal may lack a secret.
      open: async (listener, signal) => connect(principal)(listener, signal),
      owner: {
        makeRoom: (slot) => this.#makeRoom(slot),
        freed: (slot) => {
          this.#occupied.delete(slot);
        },
        opened: (slot, connection) => {
          this.touch(slot);
          this.#learn(slot, connection);
          events.opened(slot, connection);
        },
        failed: (slot, error, isDown) => events.failed(slot, error, isDown),
        notified: (slot, method, params) => events.notified(slot, method, params),
        isWanted: (slot) => events.isWanted(slot),
      },
      starts: this.#starts,
      clock,
      backoff,
      startTimeoutMs: config.startTimeoutMs,
      label,
      key,
    });
    this.touch(slot);
    this.#all.add(slot);
    return slot;
  }

  #newBackoff(): Backoff {
    return new Backoff({ ...this.#options.config.restart, clock: this.#options.clock });
  }

  /** Gives a slot its place, if need be that of the connection that was unused for longest. */
  async #makeRoom(slot: ConnectionSlot): Promise<void> {
    const { config, label, key } = this.#options;
    while (this.#occupied.size >= config.maxConnections) {
      const victim = this.#longestIdle();
      if (victim === undefined) {
        throw new AppError(
          "overloaded",
          `${label} has ${config.maxConnections} connections in use (\`${key}.maxConnections\`).`,
        );
      }
      await victim.stop();
    }
    this.#occupied.add(slot);
  }

  #longestIdle(): ConnectionSlot | undefined {
    let longest: ConnectionSlot | undefined;
    for (const slot of this.#occupied) {
      if (slot.isBusy || this.#options.events.isWanted(slot)) continue;
      if (longest === undefined || slot.lastUse < longest.lastUse) longest = slot;
    }
    return longest;
  }
}
