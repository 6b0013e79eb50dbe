import type { InputResponse } from "../../core/mcp-call.ts";

/** The answer to a question that was not put to the client, or that the client did not answer. */
export function refusedInput(message: string, code = -32601): Extract<InputResponse, { kind: "error" }> {
  return { kind: "error", code, message };
}
