import { type JsonObject, isJsonObject } from "../../core/json.ts";
import type { SecretSource } from "../../core/config-source.ts";
import type { InputRequest, InputResponse } from "../../core/mcp-call.ts";
import type { CompiledConfirm } from "../compile/compile-confirm.ts";
import type { Exchange, Rounds } from "../exchange.ts";
import { scopeOf } from "../scope-of.ts";
import { encodeInputRequired } from "./input-required.ts";
import type { Round } from "./read-round.ts";
import { bindingOf } from "./request-binding.ts";

/** Whether a call may go out. `text` tells the model why it did not; `reply` asks a client of 2026-07-28. */
export type Confirmation =
  | { readonly kind: "confirmed" }
  | { readonly kind: "refused"; readonly text: string }
  | { readonly kind: "asked"; readonly reply: string };

export interface ConfirmedTool {
  readonly name: string;
  readonly confirm: CompiledConfirm;
  readonly upstream: { readonly secrets: SecretSource };
}

const confirmed: Confirmation = Object.freeze({ kind: "confirmed" });
const key = "confirm";

/**
 * Asks the user whether a tool may be called, in the way of the client's revision. Nothing is parked for
 * it: a client of 2026-07-28 brings the signed question back together with the answer.
 */
export function confirmCall(
  exchange: Exchange,
  tool: ConfirmedTool,
  args: JsonObject,
  { state, responses }: Round,
): Confirmation | Promise<Confirmation> {
  // Whoever was asked by the upstream has confirmed before.
  if (state?.kind === "asked" || state?.kind === "visited") return confirmed;
  const { inquirer } = exchange;
  if (state?.kind === "confirm") {
    const answer = responses[key];
    if (isJsonObject(answer)) return judge(tool, answer);
  }
  const request = questionOf(exchange, tool, args);
  const reason = inquirer.reasonAgainst(exchange, request);
  if (reason !== undefined) {
    if (tool.confirm.whenUnable === "call") return confirmed;
    return refusal(`"${tool.name}" was not called: its user must confirm it. ${reason}`);
  }
  if (inquirer.rounds !== undefined) return askByResult(exchange, inquirer.rounds, request);
  return exchange.requestInput(request).then((response) => judgeResponse(tool, response));
}

function questionOf(exchange: Exchange, { confirm, upstream }: ConfirmedTool, args: JsonObject): InputRequest {
  const message = confirm.message.evaluate(scopeOf(exchange, args, upstream.secrets)) ?? "";
  return {
    method: "elicitation/create",
    params: { message, requestedSchema: { type: "object", properties: {} } },
  };
}

function askByResult(exchange: Exchange, { states }: Rounds, request: InputRequest): Confirmation {
  const state = states.write({ kind: "confirm" }, bindingOf(exchange), exchange.inputTimeoutMs);
  return { kind: "asked", reply: encodeInputRequired(exchange.server, [[key, request]], state) };
}

function judgeResponse(tool: ConfirmedTool, response: InputResponse): Confirmation {
  if (response.kind === "result") return judge(tool, response.result);
  return refusal(
    `"${tool.name}" was not called: its user must confirm it, and could not be asked. ${response.message}`,
  );
}

function judge({ name }: ConfirmedTool, { action }: JsonObject): Confirmation {
  switch (action) {
    case "accept":
      return confirmed;
    case "decline":
      return refusal(`"${name}" was not called: the user declined.`);
    default:
      return refusal(`"${name}" was not called: the user gave no answer.`);
  }
}

function refusal(text: string): Confirmation {
  return { kind: "refused", text };
}
