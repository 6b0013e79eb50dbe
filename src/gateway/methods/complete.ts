import { AppError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { parseJson } from "../../core/lossless-json.ts";
import type { CompiledCompletion } from "../compile/compile-completion.ts";
import type { ServerView } from "../catalogue/server-view.ts";
import type { Exchange } from "../exchange.ts";
import type { Reply } from "../reply.ts";
import { forward } from "../proxy/forward-request.ts";
import { completeRequest } from "../proxy/mcp-requests.ts";
import { sealResult } from "../seal-result.ts";
import { scopeOf } from "../scope-of.ts";
import type { McpHandle } from "../upstream-pool.ts";
import { findServed } from "./find-served.ts";
import { runTool } from "./run-tool.ts";

const noMembers: JsonObject = Object.freeze({});
/** The most values of one answer (specification, completion). */
const maxValues = 100;

/** `completion/complete` for the arguments of prompts and the variables of resource templates, here or at an upstream. */
export function complete(exchange: Exchange, params: JsonObject): Reply | Promise<Reply> {
  const { ref, argument, context } = params;
  if (!isJsonObject(ref)) throw new AppError("invalid_params", "params.ref must be an object.");
  const { name, value } = isJsonObject(argument) ? argument : noMembers;
  if (typeof name !== "string" || typeof value !== "string") {
    throw new AppError("invalid_params", "params.argument must have a name and a value, both strings.");
  }
  return findServed(
    exchange,
    (view) => findCompleter(view, ref),
    (completer) => {
      if (completer.kind === "mcp") return completeAtUpstream(exchange, completer);
      return completeHere(exchange, completer.completions, { name, value }, context);
    },
    () => new AppError("invalid_params", "Unknown prompt or resource template."),
  );
}

/** Who completes: the document, or an upstream that knows the reference by another name. */
type Completer =
  | { readonly kind: "configured"; readonly completions: ReadonlyMap<string, CompiledCompletion> }
  | { readonly kind: "mcp"; readonly upstream: McpHandle; readonly ref: JsonObject };

function findCompleter(view: ServerView, ref: JsonObject): Completer | undefined {
  const { type, name, uri } = ref;
  if (type === "ref/prompt" && typeof name === "string") {
    const prompt = view.prompts.get(name);
    if (prompt?.kind !== "mcp") return prompt;
    return { kind: "mcp", upstream: prompt.upstream, ref: { ...ref, name: prompt.upstreamName } };
  }
  if (type === "ref/resource" && typeof uri === "string") {
    const found = view.findTemplate(uri);
    if (found?.kind === "template") return { kind: "configured", completions: found.template.completions };
    if (found !== undefined)
      return { kind: "mcp", upstream: found.upstream, ref: { ...ref, uri: found.upstreamTemplate } };
    return view.findResource(uri) === undefined ? undefined : { kind: "configured", completions: new Map() };
  }
  throw new AppError("invalid_params", "params.ref must be a ref/prompt with a name or a ref/resource with a uri.");
}

function completeAtUpstream(
  exchange: Exchange,
  { upstream, ref }: Extract<Completer, { kind: "mcp" }>,
): Promise<Reply> {
  const { timeoutMs, inputTimeoutMs } = upstream.config;
  exchange.deadlineAt = performance.now() + timeoutMs;
  exchange.inputTimeoutMs = inputTimeoutMs;
  const request = completeRequest(exchange, ref);
  const method = "completion/complete";
  return forward({ exchange, method, upstream, request, namespace: undefined, uri: undefined });
}

function completeHere(
  exchange: Exchange,
  completions: ReadonlyMap<string, CompiledCompletion>,
  { name, value: typed }: { readonly name: string; readonly value: string },
  context: JsonValue | undefined,
): Reply | Promise<Reply> {
  const completion = completions.get(name);
  if (completion === undefined) return encode(exchange, []);
  if (completion.kind === "values") {
    return encode(
      exchange,
      completion.values.filter((value) => beginsWith(value, typed)),
    );
  }
  const known = isJsonObject(context) && isJsonObject(context["arguments"]) ? context["arguments"] : {};
  const args: JsonObject = { name, value: typed, context: known };
  return askTool(exchange, completion, args).then((values) => encode(exchange, values));
}

function beginsWith(value: string, typed: string): boolean {
  return value.toLowerCase().startsWith(typed.toLowerCase());
}

/** Values that a tool of the server gives; a failing tool offers none. */
async function askTool(
  exchange: Exchange,
  completion: Extract<CompiledCompletion, { kind: "tool" }>,
  args: JsonObject,
): Promise<string[]> {
  const tool = exchange.server.parts.tools.get(completion.tool);
  if (tool === undefined) return [];
  const secrets = tool.upstream.secrets;
  const outcome = await runTool(exchange, tool, completion.args(scopeOf(exchange, args, secrets)));
  if (outcome.kind === "stream" || outcome.isError) return [];
  const response = { status: 200, headers: {}, body: bodyOf(outcome.structured, outcome.content) };
  const values = completion.values.evaluate({ ...scopeOf(exchange, args, secrets), response });
  return Array.isArray(values) ? values.filter((value) => value !== null).map(String) : [];
}

/** The tool's result as a value: its structured content, else its first text block read as JSON. */
function bodyOf(structured: string | undefined, content: string): JsonValue {
  if (structured !== undefined) return parseJson(structured);
  const blocks = parseJson(content);
  const first = Array.isArray(blocks) ? blocks[0] : undefined;
  const text = isJsonObject(first) && typeof first["text"] === "string" ? first["text"] : "";
  try {
    return parseJson(text);
  } catch {
    return text; // plain text is a value too
  }
}

function encode(exchange: Exchange, found: readonly string[]): string {
  const values = found.slice(0, maxValues);
  const completion = { values, total: found.length, hasMore: found.length > values.length };
  return sealResult(exchange, `{"completion":${JSON.stringify(completion)}`);
}
