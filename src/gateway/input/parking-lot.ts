import { randomUUID } from "node:crypto";
import { AppError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { InputRequest, InputResponse } from "../../core/mcp-call.ts";
import { anonymous, type Principal } from "../../core/principal.ts";
import { type FilteredInput, filterInput } from "../../protocol/input-filter.ts";
import type { Exchange, Inquirer, Rounds } from "../exchange.ts";
import type { Reply } from "../reply.ts";
import { ParkedCall } from "./parked-call.ts";
import type { RequestStates } from "./request-state.ts";

export interface ParkingLimits {
  /** Calls that wait for answers, of all clients. */
  readonly total: number;
  readonly perPrincipal: number;
}

const defaultLimits: ParkingLimits = { total: 10_000, perPrincipal: 100 };
/** Everybody without a key is one principal: those share a larger part, and leave the rest to others. */
const anonymousShare = 0.5;

/** Requests whose result may be `input_required` (2026-07-28, multi round-trip requests). */
const askingMethods: ReadonlySet<string> = new Set(["tools/call", "prompts/get", "resources/read"]);
const unaskable: FilteredInput = {
  kind: "refused",
  code: -32601,
  message: "The client cannot be asked during this request.",
  lacks: undefined,
};

/**
 * The calls of clients of 2026-07-28 that wait for answers. Such a client is asked by the result of its
 * request; the call at the upstream goes on meanwhile, and the client's next request finds it again.
 */
export class ParkingLot implements Inquirer, Rounds {
  readonly states: RequestStates;
  readonly #limits: ParkingLimits;
  /** Also calls that are over: their upstreams may ask until they hear of it. */
  readonly #byExchange = new WeakMap<Exchange, ParkedCall>();
  readonly #byId = new Map<string, ParkedCall>();
  readonly #countByPrincipal = new Map<string, number>();

  constructor(states: RequestStates, limits: ParkingLimits = defaultLimits) {
    this.states = states;
    this.#limits = limits;
  }

  get rounds(): Rounds {
    return this;
  }

  /** Calls that wait. */
  get size(): number {
    return this.#byId.size;
  }

  /** Questions that wait. */
  get openQuestions(): number {
    let open = 0;
    for (const call of this.#byId.values()) open += call.openQuestions;
    return open;
  }

  reasonAgainst(exchange: Exchange, request: InputRequest): string | undefined {
    const filtered = filter(exchange, request);
    return filtered.kind === "refused" ? filtered.message : undefined;
  }

  ask(exchange: Exchange, request: InputRequest): Promise<InputResponse> {
    const filtered = filter(exchange, request);
    if (filtered.kind === "request") {
      try {
        return this.#callOf(exchange).ask(filtered.request);
      } catch (error) {
        return this.#end(exchange, error);
      }
    }
    const { code, message, lacks } = filtered;
    if (lacks === undefined) return Promise.resolve({ kind: "error", code, message });
    const data = { requiredCapabilities: lacks };
    return this.#end(exchange, new AppError("missing_capability", message, { data }));
  }

  withdraw(exchange: Exchange): void {
    this.#byExchange.get(exchange)?.dispose();
  }

  resume(exchange: Exchange, id: string, responses: JsonObject): Promise<Reply> {
    const call = this.#byId.get(id);
    if (call === undefined) {
      throw new AppError(
        "invalid_params",
        "The call that params.requestState belongs to is over; send the request again without it.",
      );
    }
    return call.attach(exchange, responses);
  }

  /** Ends the calls that wait at routes that are no longer served, or for callers that are not let in any more: no request of a client finds them again. */
  retain(
    isServed: (at: { readonly prefix: string; readonly serverKey: string; readonly principal: Principal }) => boolean,
  ): void {
    for (const call of this.#byId.values()) {
      const { route, server, principal } = call.root;
      if (!isServed({ prefix: route.prefix, serverKey: server.key, principal })) call.expire();
    }
  }

  /** Ends all calls that wait. */
  close(): void {
    for (const call of this.#byId.values()) call.expire();
  }

  #callOf(exchange: Exchange): ParkedCall {
    const known = this.#byExchange.get(exchange);
    if (known !== undefined) return known;
    this.#count(exchange.principal);
    const call = new ParkedCall(exchange, this.states, () => this.#forget(call));
    this.#byExchange.set(exchange, call);
    this.#byId.set(call.id, call);
    return call;
  }

  /** @throws AppError `overloaded` when no further call may wait. */
  #count(principal: Principal): void {
    const { total, perPrincipal } = this.#limits;
    const count = this.#countByPrincipal.get(principal.id) ?? 0;
    const most = principal.kind === anonymous.kind ? total * anonymousShare : perPrincipal;
    if (this.#byId.size >= total || count >= most) {
      throw new AppError("overloaded", "Too many calls wait for answers; answer those first, or try again later.");
    }
    this.#countByPrincipal.set(principal.id, count + 1);
  }

  #forget(call: ParkedCall): void {
    if (!this.#byId.delete(call.id)) return;
    const { id } = call.root.principal;
    const count = (this.#countByPrincipal.get(id) ?? 1) - 1;
    if (count === 0) this.#countByPrincipal.delete(id);
    else this.#countByPrincipal.set(id, count);
  }

  /** The request ends with this error, and its call with it. */
  #end(exchange: Exchange, error: unknown): Promise<never> {
    const call = this.#byExchange.get(exchange);
    if (call === undefined) exchange.stop(error);
    else call.stop(error);
    return Promise.reject(new AppError("cancelled", "The request has ended."));
  }
}

function filter({ rank, client, message }: Exchange, request: InputRequest): FilteredInput {
  if (!askingMethods.has(message.method)) return unaskable;
  return filterInput(request, { rank, capabilities: client.capabilities }, randomUUID);
}
