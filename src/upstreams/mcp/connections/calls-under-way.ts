import { AppError } from "../../../core/errors.ts";
import type { RequestId } from "../../../protocol/json-rpc.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import type { PendingCall } from "./pending-call.ts";

/** A power of two, like all sizes of the table. */
const firstSize = 32;

/**
 * The requests under way on one connection, by their ids. Ids count up and never come twice; a call lies
 * in an array at its id modulo the size, which is at least twice the number of calls, so that finding one
 * is a single look. (A `Map` would leave garbage behind with every call, see `SlotList`.)
 */
export class CallsUnderWay {
  readonly #settings: ConnectionSettings;
  #table: (PendingCall | undefined)[] = emptyTable(firstSize);
  #lastId = 0;
  #size = 0;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
  }

  get size(): number {
    return this.#size;
  }

  /** Fails with `AppError("overloaded")` when a client's call is one too many. */
  checkRoom(): void {
    const { label, key, maxConcurrency } = this.#settings;
    if (this.#size < maxConcurrency) return;
    throw new AppError(
      "overloaded",
      `${label} works on ${maxConcurrency} calls at once already (\`${key}.maxConcurrency\`). Try again later.`,
    );
  }

  /** Gives the call its id and watches its deadline, if it has one. */
  add(call: PendingCall): void {
    if (this.#size * 2 >= this.#table.length) this.#grow();
    let id = this.reserveId();
    // The place of a call that takes longer than many others.
    while (this.#table[this.#placeOf(id)] !== undefined) id = this.reserveId();
    call.id = id;
    this.#table[this.#placeOf(id)] = call;
    this.#size++;
    if (call.deadlineAt < Number.POSITIVE_INFINITY) this.#settings.deadlines.add(call);
  }

  delete(call: PendingCall): void {
    if (this.get(call.id) !== call) return;
    this.#table[this.#placeOf(call.id)] = undefined;
    this.#size--;
    this.#settings.deadlines.delete(call);
  }

  get(id: RequestId | undefined): PendingCall | undefined {
    if (typeof id !== "number") return undefined;
    const call = this.#table[this.#placeOf(id)];
    return call?.id === id ? call : undefined;
  }

  /** An id that no call gets. */
  reserveId(): number {
    return ++this.#lastId;
  }

  /** The calls of clients (not the gateway's own requests), in the order in which they started. */
  ofClients(): readonly PendingCall[] {
    const calls: PendingCall[] = [];
    for (const call of this.#table) if (call?.context !== undefined) calls.push(call);
    return calls.sort((a, b) => a.id - b.id);
  }

  failAll(error: AppError): void {
    for (const call of this.#table) call?.fail(error);
  }

  /** Of a number that is no id of ours, any place or none: what lies there has another id. */
  #placeOf(id: number): number {
    return id & (this.#table.length - 1);
  }

  /** Two calls in different places stay apart in a table of twice the size. */
  #grow(): void {
    const calls = this.#table;
    this.#table = emptyTable(calls.length * 2);
    for (const call of calls) if (call !== undefined) this.#table[this.#placeOf(call.id)] = call;
  }
}

function emptyTable(size: number): (PendingCall | undefined)[] {
  return Array.from({ length: size }, () => undefined);
}
