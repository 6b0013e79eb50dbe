import type { CallOutcome } from "../../core/call.ts";
import type { JsonObject } from "../../core/json.ts";
import type { CompiledTool } from "../compile/compiled-parts.ts";
import type { Exchange } from "../exchange.ts";

/** Sends a checked call to the backend of a tool of the document. */
export function runTool(exchange: Exchange, tool: CompiledTool, args: JsonObject): Promise<CallOutcome> {
  exchange.throwIfCancelled();
  exchange.args = args;
  exchange.deadlineAt = performance.now() + tool.timeoutMs;
  return tool.upstream.open().callTool(tool.call, exchange);
}
