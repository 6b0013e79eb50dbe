import { AppError } from "../../../core/errors.ts";
import type { RequestId } from "../../../protocol/json-rpc.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import type { PendingCall } from "./pending-call.ts";

/** More than the most calls that configuration allows, so that every place has ids of its own. */
const places = 16_384;

/**
 * The requests under way on one connection, by their ids. An id is a place and how often the place was
 * used before: ids never come twice, and finding a call is a look into an array (a `Map` would leave
 * garbage behind with every call, see `SlotList`).
 */
export class CallsUnderWay {
  readonly #settings: ConnectionSettings;
  readonly #calls: (PendingCall | undefined)[] = [];
  /** How often a place was used. */
  readonly #uses: number[] = [];
  readonly #freePlaces: number[] = [];
  /** Order in which the calls in their places have started. */
  readonly #order: number[] = [];
  #started = 0;
  #reserved = 0;
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

  /** Gives the call its id and watches its deadline. */
  add(call: PendingCall): void {
    const place = this.#freePlaces.pop() ?? this.#calls.length;
    if (place >= places - 1)
      throw new AppError("overloaded", `${this.#settings.label} has too many requests under way.`);
    const uses = this.#uses[place] ?? 0;
    call.id = uses * places + place + 1;
    this.#uses[place] = uses + 1;
    this.#calls[place] = call;
    this.#order[place] = this.#started++;
    this.#size++;
    this.#settings.deadlines.add(call);
  }

  /** An id for a request that is no call: of the last place, which no call has. */
  reserveId(): number {
    return ++this.#reserved * places;
  }

  delete(call: PendingCall): void {
    const place = (call.id - 1) % places;
    if (this.#calls[place] !== call) return;
    this.#calls[place] = undefined;
    this.#freePlaces.push(place);
    this.#size--;
    this.#settings.deadlines.delete(call);
  }

  get(id: RequestId | undefined): PendingCall | undefined {
    if (typeof id !== "number" || id < 1) return undefined;
    const call = this.#calls[(id - 1) % places];
    return call?.id === id ? call : undefined;
  }

  /** The calls of clients (not the gateway's own requests), in the order in which they started. */
  ofClients(): readonly PendingCall[] {
    const found: { readonly call: PendingCall; readonly order: number }[] = [];
    for (const [place, call] of this.#calls.entries()) {
      if (call?.context !== undefined) found.push({ call, order: this.#order[place] ?? 0 });
    }
    return found.sort((a, b) => a.order - b.order).map(({ call }) => call);
  }

  failAll(error: AppError): void {
    for (const call of this.#calls) call?.fail(error);
  }
}
