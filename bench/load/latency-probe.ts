import { type Client, type ClientOptions, openClient } from "./clients.ts";
import { takeId } from "./fleet.ts";

export interface ProbeOptions extends ClientOptions {
  /** A request is due this often, whether or not earlier ones are answered. */
  readonly intervalMs: number;
  /** Requests that can be under way at once; more wait, and their waiting counts. */
  readonly clients: number;
}

export interface ProbeReport {
  /** Milliseconds from when each request was due to its answer. */
  readonly latenciesMs: readonly number[];
  readonly failures: number;
  readonly firstFailure?: string;
}

interface Slot {
  client: Client | undefined;
  dueAt: number;
}

/**
 * Measures latency from outside with requests at a fixed pace (an open loop): a server that stops
 * answering for a while is charged for every request that was due meanwhile.
 */
export class LatencyProbe {
  readonly #latenciesMs: number[] = [];
  readonly #idle: Slot[] = [];
  readonly #slots: Slot[] = [];
  readonly #waiting: number[] = [];
  #timer: NodeJS.Timeout | undefined;
  #drained: (() => void) | undefined;
  #failures = 0;
  #firstFailure: string | undefined;

  private constructor() {}

  /** Connects and begins. */
  static async start(options: ProbeOptions): Promise<LatencyProbe> {
    const probe = new LatencyProbe();
    for (let index = 0; index < options.clients; index++) await probe.#addClient(options);
    probe.#timer = setInterval(() => probe.#due(), options.intervalMs);
    return probe;
  }

  /** Stops asking, waits for the answers that are due, and reports. */
  async stop(): Promise<ProbeReport> {
    clearInterval(this.#timer);
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
      this.#settleDrain();
    });
    for (const { client } of this.#slots) client?.close();
    return {
      latenciesMs: this.#latenciesMs,
      failures: this.#failures,
      ...(this.#firstFailure === undefined ? {} : { firstFailure: this.#firstFailure }),
    };
  }

  async #addClient(options: ProbeOptions): Promise<void> {
    const slot: Slot = { client: undefined, dueAt: 0 };
    slot.client = await openClient(options, {
      onDone: (failure) => this.#done(slot, failure),
      onLost: (reason) => this.#lost(slot, reason.message),
    });
    this.#slots.push(slot);
    this.#idle.push(slot);
  }

  #due(): void {
    const now = performance.now();
    // In turn, so that no connection stays silent: a server closes one that never asks anything.
    const slot = this.#idle.shift();
    if (slot === undefined) this.#waiting.push(now);
    else this.#send(slot, now);
  }

  #send(slot: Slot, dueAt: number): void {
    slot.dueAt = dueAt;
    slot.client?.send(takeId(), true);
  }

  #done(slot: Slot, failure: string | undefined): void {
    this.#latenciesMs.push(performance.now() - slot.dueAt);
    if (failure !== undefined) this.#note(failure);
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(slot);
    else this.#send(slot, next);
    this.#settleDrain();
  }

  /** A connection is gone, and with it the answer that was due on it. */
  #lost(slot: Slot, reason: string): void {
    this.#note(reason);
    for (const list of [this.#slots, this.#idle]) {
      const index = list.indexOf(slot);
      if (index !== -1) list.splice(index, 1);
    }
    this.#settleDrain();
  }

  #note(failure: string): void {
    this.#failures++;
    this.#firstFailure ??= failure;
  }

  #settleDrain(): void {
    if (this.#drained !== undefined && this.#idle.length === this.#slots.length) this.#drained();
  }
}
