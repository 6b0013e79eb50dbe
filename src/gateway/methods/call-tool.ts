import type { CallOutcome, CallResult } from "../../core/call.ts";
import { AppError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { parseJson, stringifyJson } from "../../core/lossless-json.ts";
import { checkArgumentHeaders } from "../../protocol/modern-request.ts";
import { filterContent, filterStructured } from "../../protocol/revision-filter.ts";
import { type Rank, rank } from "../../protocol/revisions.ts";
import { describeViolations } from "../../schemas/json-schema.ts";
import type { Exchange, Reply } from "../exchange.ts";
import { sealResult } from "../seal-result.ts";
import type { CompiledTool } from "../compile/compiled-parts.ts";

/**
 * `tools/call`. Arguments that break the tool's schema are a result with `isError`, so that the
 * model reads what to mend (2025-11-25, tools, error handling); an unknown tool is an error.
 */
export function callTool(exchange: Exchange, params: JsonObject): Reply | Promise<Reply> {
  const tool = findTool(exchange, params["name"]);
  const args = params["arguments"] ?? {};
  if (!isJsonObject(args)) throw new AppError("invalid_params", "params.arguments must be an object.");
  if (exchange.envelope !== undefined && tool.mirrored.length > 0) {
    checkArgumentHeaders(tool.mirrored, args, exchange.headers);
  }
  exchange.tool = tool;
  const violations = tool.validator.check(args);
  if (violations !== undefined) {
    exchange.toolFailed = true;
    return encodeCallResult(exchange, errorResult(describeViolations(violations)));
  }
  return runTool(exchange, tool, args).then((outcome) => {
    if (outcome.kind === "stream") return outcome;
    exchange.toolFailed = outcome.isError;
    return encodeCallResult(exchange, outcome);
  });
}

function findTool(exchange: Exchange, name: JsonValue | undefined): CompiledTool {
  if (typeof name !== "string") throw new AppError("invalid_params", "params.name must be a string.");
  const tool = exchange.server.parts.tools.get(name);
  if (tool !== undefined) return tool;
  const shown = JSON.stringify(name.length > 64 ? `${name.slice(0, 64)}…` : name);
  throw new AppError("invalid_params", `Unknown tool: ${shown}.`);
}

/** Sends a checked call to the tool's upstream. */
export function runTool(exchange: Exchange, tool: CompiledTool, args: JsonObject): Promise<CallOutcome> {
  exchange.args = args;
  exchange.deadlineAt = performance.now() + tool.timeoutMs;
  return tool.upstream.open().callTool(tool.call, exchange);
}

function errorResult(text: string): CallResult {
  return {
    kind: "result",
    content: `[{"type":"text","text":${JSON.stringify(text)}}]`,
    isError: true,
    needsFilter: false,
  };
}

/** The `CallToolResult` as the client's revision knows it. */
function encodeCallResult(exchange: Exchange, result: CallResult): string {
  const receiver = exchange.rank;
  const content = result.needsFilter ? filterContentText(result.content, receiver) : result.content;
  let text = `{"content":${content}`;
  if (result.structured !== undefined) {
    const structured = filterStructured(result.structured, receiver);
    if (structured !== undefined) text += `,"structuredContent":${structured}`;
  }
  if (result.isError) text += ',"isError":true';
  return sealResult(exchange, text);
}

function filterContentText(content: string, receiver: Rank): string {
  if (receiver >= rank["2025-06-18"]) return content; // these know every kind of block
  const blocks = parseJson(content);
  return Array.isArray(blocks) ? stringifyJson(filterContent(blocks, receiver)) : content;
}
