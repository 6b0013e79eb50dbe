import { AppError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { Principal } from "../../../core/principal.ts";
import { AttemptListener } from "./attempt-listener.ts";
import type { Backoff } from "./backoff.ts";
import type { Binding } from "../binding.ts";
import type { Clock } from "./clock.ts";
import type { McpConnection, OpenConnection } from "../connection.ts";
import { asAppError, openWithin } from "./open-within.ts";
import { Planned } from "./planned.ts";
import { settledWithin } from "./settled-within.ts";
import type { StartQueue } from "./start-queue.ts";
import { type Watch, WatchCounter } from "./watch-counter.ts";

/** Who keeps slots. Nothing is called after `end`, except `freed`. */
export interface SlotOwner {
  /** Makes room for one more connection. Rejects with `AppError("overloaded")` when there is none. */
  makeRoom(slot: ConnectionSlot): Promise<void>;
  /** The place that `makeRoom` gave is free again. */
  freed(slot: ConnectionSlot): void;
  opened(slot: ConnectionSlot, connection: McpConnection): void;
  /**
   * Opening failed, or an open connection broke.
   *
   * @param isDown whether the server is left alone now; a connection that broke may be opened again at once
   */
  failed(slot: ConnectionSlot, error: AppError, isDown: boolean): void;
  notified(slot: ConnectionSlot, method: string, params: JsonObject): void;
  /** Whether somebody needs the connection although nobody calls: it is opened again by itself. */
  isWanted(slot: ConnectionSlot): boolean;
}

export interface SlotOptions {
  readonly binding: Binding;
  /** As whom it is connected. */
  readonly principal: Principal;
  readonly open: OpenConnection;
  readonly owner: SlotOwner;
  readonly starts: StartQueue;
  readonly clock: Clock;
  readonly backoff: Backoff;
  readonly startTimeoutMs: number;
  readonly label: string;
  readonly key: string;
}

export type SlotState = "idle" | "opening" | "ready" | "failed" | "ended";

/**
 * The place of one connection: opens it when it is needed, once for all who ask, leaves a server alone
 * that is down, and opens it again. Callers that share a slot share the connection.
 */
export class ConnectionSlot {
  readonly binding: Binding;
  readonly principal: Principal;
  readonly watches: WatchCounter;
  /** A number that grows from use to use over all slots: the smallest one was unused for longest. */
  lastUse = 0;
  /** Calls that wait for the connection or are about to be sent on it. */
  waiting = 0;
  /** Connections that were opened after the first one. */
  restarts = 0;
  /** Why it is not connected; undefined while it is, and before anything went wrong. */
  lastError: AppError | undefined;
  readonly #options: SlotOptions;
  readonly #retry: Planned;
  #connection: McpConnection | undefined;
  #opening: Promise<McpConnection> | undefined;
  #attempt: AbortController | undefined;
  #closing: Promise<void> | undefined;
  /** What may be left of an attempt that was given up. */
  #leftover: Promise<void> | undefined;
  /** Resolves when the server tells of what is watched. */
  #watching: Promise<void> = Promise.resolve();
  #wasOpen = false;
  #hasEnded = false;

  constructor(options: SlotOptions) {
    this.#options = options;
    this.binding = options.binding;
    this.principal = options.principal;
    this.#retry = new Planned(options.clock, () => {
      // A timer may be early by a part of a millisecond; then it waits again.
      if (options.owner.isWanted(this)) void this.openInBackground();
    });
    this.watches = new WatchCounter((uris) => {
      if (this.#connection !== undefined) this.#watching = this.#connection.watch(uris);
    });
  }

  /** The connection, when requests can be sent at once. */
  get connection(): McpConnection | undefined {
    return this.#connection;
  }

  get state(): SlotState {
    if (this.#hasEnded) return "ended";
    if (this.#connection !== undefined) return "ready";
    if (this.#opening !== undefined) return "opening";
    return this.#options.backoff.remainingMs > 0 ? "failed" : "idle";
  }

  /** Whether calls, watchers or the gateway depend on it right now. */
  get isBusy(): boolean {
    const inFlight = this.#connection?.inFlight ?? 0;
    return inFlight > 0 || this.waiting > 0 || this.watches.count > 0 || this.#opening !== undefined;
  }

  /**
   * The connection; opens it when there is none, once for all who ask. Rejects with `AppError`: why it
   * cannot be opened, or at once that the server is down while it is left alone.
   */
  open(): Promise<McpConnection> {
    if (this.#connection !== undefined) return Promise.resolve(this.#connection);
    if (this.#opening !== undefined) return this.#opening;
    const refusal = this.#refusal();
    if (refusal !== undefined) return Promise.reject(refusal);
    this.#retry.cancel();
    const attempt = new AbortController();
    this.#attempt = attempt;
    const opening = this.#open(attempt);
    this.#opening = opening;
    return opening;
  }

  /**
   * Opens it without anybody who waits; failures are told to the owner and tried again while it is wanted.
   * Resolves when it is open, or is not for the time being. Never rejects.
   */
  async openInBackground(): Promise<void> {
    const { remainingMs } = this.#options.backoff;
    if (this.#connection === undefined && this.#opening === undefined && remainingMs > 0) {
      this.#retryWhileWanted(remainingMs);
      return;
    }
    await this.open().then(ignore, ignore);
  }

  /** Keeps it open and has the server tell of changes; `uri` is undefined for those of lists alone. */
  watch(uri: string | undefined): Watch {
    const end = this.watches.add(uri);
    return { inEffect: this.openInBackground().then(() => this.#watching), end };
  }

  /** The connection has ended, or the server no longer knows it: the next use opens another. */
  lost(connection: McpConnection, error: AppError): void {
    if (connection !== this.#connection) return;
    this.#release(this.#connectedAnew(error));
    this.#crashed(error);
  }

  /** Nobody answers on the connection: the next use opens another. */
  unanswered(connection: McpConnection, error: AppError): void {
    if (connection !== this.#connection) return;
    this.#connection = undefined;
    this.#freeAfter(connection.abandon(this.#connectedAnew(error)));
    this.#crashed(error);
  }

  /** Closes the connection; the next use opens another. Resolves when nothing is left of it. */
  stop(): Promise<void> {
    if (this.#connection !== undefined) this.#release();
    return this.#closing ?? Promise.resolve();
  }

  /**
   * Closes it for good: calls that wait are rejected with this error. Resolves when nothing is left of
   * it. May be called twice.
   */
  async end(reason: AppError): Promise<void> {
    this.#hasEnded = true;
    this.#retry.cancel();
    this.#attempt?.abort(reason);
    if (this.#connection !== undefined) this.#release(reason);
    await this.#opening?.then(ignore, ignore);
    await this.stop();
  }

  #refusal(): AppError | undefined {
    const { label, backoff } = this.#options;
    if (this.#hasEnded) return new AppError("upstream_failed", `${label} is no longer used by this session.`);
    const { remainingMs } = backoff;
    if (remainingMs === 0) return undefined;
    const reason = this.lastError?.message ?? "it could not be reached.";
    const seconds = Math.ceil(remainingMs / 1_000);
    return new AppError("upstream_failed", `${label} is down: ${reason} It is tried again in ${seconds} s.`, {
      cause: this.lastError,
    });
  }

  async #open(attempt: AbortController): Promise<McpConnection> {
    const { owner, starts, label } = this.#options;
    let hasRoom = false;
    try {
      await this.#closing;
      await owner.makeRoom(this);
      hasRoom = true;
      const connection = await starts.run(attempt.signal, () => this.#connect(attempt));
      this.#attemptOver();
      return connection;
    } catch (caught) {
      const error = asAppError(caught, label);
      const leftover = this.#leftover ?? Promise.resolve();
      this.#attemptOver();
      // A place that was refused need not be given back.
      if (hasRoom) this.#freeAfter(leftover);
      this.#openingFailed(error);
      throw error;
    }
  }

  #attemptOver(): void {
    this.#opening = undefined;
    this.#attempt = undefined;
    this.#leftover = undefined;
  }

  async #connect(attempt: AbortController): Promise<McpConnection> {
    const { open, owner, clock, startTimeoutMs, label, key } = this.#options;
    const listener = new AttemptListener({
      notified: (connection, method, params) => {
        if (connection === this.#connection) owner.notified(this, method, params);
      },
      closed: (connection, error) => this.lost(connection, error),
    });
    const opening = openWithin({ open, listener, attempt, timeoutMs: startTimeoutMs, clock, label, key });
    this.#leftover = opening.leftover;
    const connection = await opening.connection;
    if (listener.closed !== undefined) throw listener.closed;
    if (attempt.signal.aborted) {
      this.#leftover = connection.close();
      throw asAppError(attempt.signal.reason, label);
    }
    listener.connection = connection;
    this.#adopt(connection);
    return connection;
  }

  #adopt(connection: McpConnection): void {
    const { backoff, owner } = this.#options;
    backoff.succeeded();
    if (this.#wasOpen) this.restarts++;
    this.#wasOpen = true;
    this.lastError = undefined;
    this.#connection = connection;
    if (this.watches.count > 0) this.#watching = connection.watch(this.watches.uris);
    owner.opened(this, connection);
  }

  #openingFailed(error: AppError): void {
    const { backoff, owner } = this.#options;
    if (this.#hasEnded || error.code === "cancelled") return;
    this.lastError = error;
    // That there is no room says nothing about the server.
    if (error.code !== "overloaded") {
      backoff.failed();
      owner.failed(this, error, true);
    }
    this.#retryWhileWanted(Math.max(backoff.remainingMs, backoff.jitterMs));
  }

  #crashed(error: AppError): void {
    const { backoff, owner } = this.#options;
    this.lastError = error;
    // Servers forget sessions in good health: after a while, or when the next one is another replica.
    const isLoop = error.code !== "session_not_found" && backoff.crashed();
    owner.failed(this, error, isLoop);
    this.#retryWhileWanted(isLoop ? backoff.remainingMs : backoff.jitterMs);
  }

  /** For calls that were under way on a connection and may have been carried out. */
  #connectedAnew(cause: AppError): AppError {
    return new AppError("upstream_failed", `${this.#options.label} was connected anew: ${cause.message}`, { cause });
  }

  #retryWhileWanted(delayMs: number): void {
    if (!this.#hasEnded && this.#options.owner.isWanted(this)) this.#retry.in(delayMs);
  }

  /** Lets go of the connection, calls under way are rejected with the reason; its place is free when it has closed. */
  #release(reason?: AppError): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    this.#connection = undefined;
    this.#freeAfter(connection.close(reason));
  }

  #freeAfter(closed: Promise<void>): void {
    const closing = settledWithin(closed, closeDeadlineMs, this.#options.clock).then(() => {
      if (this.#closing === closing) this.#closing = undefined;
      this.#options.owner.freed(this);
    });
    this.#closing = closing;
  }
}

/** Children get some seconds to end before they are killed; whoever waits for more than that waits in vain. */
const closeDeadlineMs = 15_000;

function ignore(): void {
  // Whoever needs to know has been told by the owner of the slot.
}
