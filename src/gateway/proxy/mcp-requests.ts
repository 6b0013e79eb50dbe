import type { JsonObject, JsonValue } from "../../core/json.ts";
import { stringifyJson } from "../../core/lossless-json.ts";
import type { McpRequest } from "../../upstreams/mcp/mcp-request.ts";
import { forwardedMeta } from "../../protocol/modern-request.ts";
import type { ProxiedPrompt, ProxiedResource, ProxiedTool } from "../catalogue/server-view.ts";
import type { Exchange } from "../exchange.ts";
import { mirroredHeaders } from "./mirrored-headers.ts";

const noHeaders: readonly string[] = [];
/** Members of a client's `params` that are rewritten, concern this hop alone, or are not carried (tasks). */
const ownMembers: ReadonlySet<string> = new Set([
  "_meta",
  "arguments",
  "inputResponses",
  "name",
  "requestState",
  "task",
  "uri",
]);

/** `tools/call` as the upstream knows it. */
export function toolRequest(exchange: Exchange, tool: ProxiedTool, args: JsonObject): McpRequest {
  const { params } = exchange.message;
  return {
    method: "tools/call",
    params: `{"name":${JSON.stringify(tool.upstreamName)},"arguments":${stringifyJson(args)}${otherMembers(params)}`,
    meta: forwardedMeta(params),
    name: tool.upstreamName,
    mirrored: mirroredHeaders(exchange, tool, args),
    isIdempotent: tool.isIdempotent,
  };
}

/** `prompts/get` as the upstream knows it. */
export function promptRequest({ message: { params } }: Exchange, prompt: ProxiedPrompt): McpRequest {
  const args = params["arguments"];
  const written = args === undefined ? "" : `,"arguments":${stringifyJson(args)}`;
  return {
    method: "prompts/get",
    params: `{"name":${JSON.stringify(prompt.upstreamName)}${written}${otherMembers(params)}`,
    meta: forwardedMeta(params),
    name: prompt.upstreamName,
    mirrored: noHeaders,
    isIdempotent: true,
  };
}

/** `resources/read` as the upstream knows it. */
export function resourceRequest({ message: { params } }: Exchange, resource: ProxiedResource): McpRequest {
  return {
    method: "resources/read",
    params: `{"uri":${JSON.stringify(resource.upstreamUri)}${otherMembers(params)}`,
    meta: forwardedMeta(params),
    name: resource.upstreamUri,
    mirrored: noHeaders,
    isIdempotent: true,
  };
}

/** `completion/complete` as the upstream knows it; `ref` is the upstream's. */
export function completeRequest({ message: { params } }: Exchange, ref: JsonObject): McpRequest {
  const { ref: _ref, _meta, ...others } = params;
  return {
    method: "completion/complete",
    params: stringifyJson({ ref, ...others }).slice(0, -1),
    meta: forwardedMeta(params),
    name: undefined,
    mirrored: noHeaders,
    isIdempotent: true,
  };
}

/** The same request with the answers of a client of an `input_required` result. */
export function withAnswers(request: McpRequest, answers: JsonObject, state: string | undefined): McpRequest {
  const written = state === undefined ? "" : `,"requestState":${JSON.stringify(state)}`;
  return { ...request, params: `${request.params},"inputResponses":${stringifyJson(answers)}${written}` };
}

/** Members that no revision names, as `,"key":value`: they are passed on. */
function otherMembers(params: JsonObject): string {
  let text = "";
  for (const key in params) {
    if (ownMembers.has(key)) continue;
    // The key is one of the object's own: parsed JSON inherits nothing enumerable.
    text += `,${JSON.stringify(key)}:${stringifyJson(params[key] as JsonValue)}`;
  }
  return text;
}
