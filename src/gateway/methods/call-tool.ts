import { AppError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { checkArgumentHeaders } from "../../protocol/modern-request.ts";
import { describeViolations } from "../../schemas/json-schema.ts";
import type { ServedTool, ServerView } from "../catalogue/server-view.ts";
import type { CompiledConfirm } from "../compile/compile-confirm.ts";
import type { CompiledTool } from "../compile/compiled-parts.ts";
import type { Exchange } from "../exchange.ts";
import type { Reply } from "../reply.ts";
import { type Confirmation, confirmCall } from "../input/confirm-call.ts";
import { readRound, type Round } from "../input/read-round.ts";
import { encodeCallFailure, encodeCallResult } from "./encode-call-result.ts";
import { callProxiedTool, fillIn } from "./call-proxied-tool.ts";
import { findLate } from "./find-served.ts";
import { runTool } from "./run-tool.ts";

/** How long the question of a tool of the document waits for its user. */
const confirmTimeoutMs = 600_000;

/**
 * `tools/call`. Arguments that break the tool's schema are a result with `isError`, so that the
 * model reads what to mend (2025-11-25, tools, error handling); an unknown tool is an error.
 */
export function callTool(exchange: Exchange, params: JsonObject): Reply | Promise<Reply> {
  const { name } = params;
  if (typeof name !== "string") throw new AppError("invalid_params", "params.name must be a string.");
  const view = exchange.server.catalogue.current(exchange.principal);
  const tool = view.tools.get(name);
  if (tool !== undefined) return callServed(exchange, tool, view);
  return findLate(
    exchange,
    (late) => late.tools.get(name),
    (found, late) => callServed(exchange, found, late),
    () => unknownTool(name),
  );
}

function unknownTool(name: string): AppError {
  const shown = JSON.stringify(name.length > 64 ? `${name.slice(0, 64)}…` : name);
  return new AppError("invalid_params", `Unknown tool: ${shown}.`);
}

/** A call whose arguments are as they go out. */
interface CheckedCall {
  readonly tool: ServedTool;
  readonly args: JsonObject;
  readonly round: Round;
  /** Where the tool was found. */
  readonly view: ServerView;
}

function callServed(exchange: Exchange, tool: ServedTool, view: ServerView): Reply | Promise<Reply> {
  const { params } = exchange.message;
  const given = params["arguments"] ?? {};
  if (!isJsonObject(given)) throw new AppError("invalid_params", "params.arguments must be an object.");
  if (exchange.envelope !== undefined && tool.mirrored.length > 0) {
    checkArgumentHeaders(tool.mirrored, given, exchange.headers);
  }
  const round = readRound(exchange, params);
  if (round instanceof Promise) return round;
  exchange.tool = tool;
  const refusal = tool.kind === "http" ? checkArguments(tool, given) : tool.blocked;
  if (refusal !== undefined) return encodeCallFailure(exchange, refusal);
  const args = tool.kind === "http" ? given : fillIn(given, tool.defaults);
  exchange.inputTimeoutMs = tool.kind === "http" ? confirmTimeoutMs : tool.upstream.config.inputTimeoutMs;
  const call: CheckedCall = { tool, args, round, view };
  return tool.confirm === undefined ? run(exchange, call) : confirmFirst(exchange, tool.confirm, call);
}

/** The sentence that says what to mend; defaults of the schema are written into the arguments. */
function checkArguments(tool: CompiledTool, args: JsonObject): string | undefined {
  const violations = tool.validator.check(args);
  return violations === undefined ? undefined : describeViolations(violations);
}

function confirmFirst(exchange: Exchange, confirm: CompiledConfirm, call: CheckedCall): Reply | Promise<Reply> {
  const { tool, args, round } = call;
  const goOn = (confirmation: Confirmation): Reply | Promise<Reply> => {
    switch (confirmation.kind) {
      case "confirmed":
        return run(exchange, call);
      case "refused":
        return encodeCallFailure(exchange, confirmation.text);
      case "asked":
        return confirmation.reply;
    }
  };
  const asked = confirmCall(exchange, { name: tool.name, confirm, upstream: tool.upstream }, args, round);
  return asked instanceof Promise ? asked.then(goOn) : goOn(asked);
}

function run(exchange: Exchange, { tool, args, round, view }: CheckedCall): Reply | Promise<Reply> {
  if (tool.kind === "mcp") {
    return callProxiedTool(exchange, { tool, args, round, namespace: view.namespaceOf(tool.upstream) });
  }
  return runTool(exchange, tool, args).then((outcome) =>
    outcome.kind === "stream" ? outcome : encodeCallResult(exchange, outcome),
  );
}
