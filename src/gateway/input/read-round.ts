import { AppError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import type { Exchange } from "../exchange.ts";
import type { Reply } from "../reply.ts";
import { bindingOf } from "./request-binding.ts";
import type { RequestState } from "./request-state.ts";

/** What a request of 2026-07-28 brings along from the round before it. */
export interface Round {
  /** Undefined when the request has no `requestState`. */
  readonly state: Exclude<RequestState, { kind: "parked" }> | undefined;
  readonly responses: JsonObject;
}

const firstRound: Round = Object.freeze({ state: undefined, responses: Object.freeze({}) });

/**
 * Reads `requestState` and `inputResponses` of a request. A request that belongs to a parked call is
 * answered by that call: the promise of its reply comes instead.
 *
 * @throws AppError `invalid_params` when the state is not one of this request
 */
export function readRound(exchange: Exchange, params: JsonObject): Round | Promise<Reply> {
  const { rounds } = exchange.inquirer;
  const { requestState, inputResponses } = params;
  if (rounds === undefined || (requestState === undefined && inputResponses === undefined)) return firstRound;
  if (inputResponses !== undefined && !isJsonObject(inputResponses)) {
    throw new AppError("invalid_params", "params.inputResponses must be an object of answers by key.");
  }
  const responses = inputResponses ?? firstRound.responses;
  if (requestState === undefined) return { state: undefined, responses };
  const state = rounds.states.read(requestState, bindingOf(exchange));
  return state.kind === "parked" ? rounds.resume(exchange, state.id, responses) : { state, responses };
}
