import { AppError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { parseJson } from "../../core/lossless-json.ts";
import type { InputRequest } from "../../core/mcp-call.ts";
import type { McpResult } from "../../upstreams/mcp/mcp-request.ts";

/** What an `input_required` result asks for. */
export interface InputRequests {
  readonly requests: readonly (readonly [key: string, request: InputRequest])[];
  /** The upstream's own `requestState`. */
  readonly state: string | undefined;
}

/** Questions of one round; more are taken for a mistake. */
const maxRequests = 100;

const nothing: JsonObject = {};

/** @throws AppError `upstream_failed` when the result does not say what is asked. */
export function readInputRequests({ text }: McpResult): InputRequests {
  const result = parseJson(text);
  const { inputRequests, requestState } = isJsonObject(result) ? result : nothing;
  if (inputRequests !== undefined && !isJsonObject(inputRequests)) throw malformed("inputRequests is not an object");
  if (requestState !== undefined && typeof requestState !== "string") throw malformed("requestState is not a string");
  const entries = Object.entries(inputRequests ?? {});
  if (entries.length > maxRequests) throw malformed(`more than ${maxRequests} questions`);
  if (entries.length === 0 && requestState === undefined) throw malformed("neither inputRequests nor requestState");
  const requests = entries.map(([key, request]) => {
    const { method, params = {} } = isJsonObject(request) ? request : nothing;
    if (typeof method !== "string" || !isJsonObject(params)) throw malformed("a question without method");
    return [key, { method, params }] as const;
  });
  return { requests, state: requestState };
}

function malformed(what: string): AppError {
  return new AppError("upstream_failed", `The upstream's input_required result is not one of 2026-07-28: ${what}.`);
}
