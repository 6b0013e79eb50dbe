import { AppError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { parseJson } from "../../core/lossless-json.ts";
import type { CompiledCompletion } from "../compile/compile-completion.ts";
import type { Exchange, Reply } from "../exchange.ts";
import { sealResult } from "../seal-result.ts";
import { scopeOf } from "../scope-of.ts";
import { runTool } from "./call-tool.ts";

/** The most values of one answer (specification, completion). */
const maxValues = 100;

/** `completion/complete` for the arguments of prompts and the variables of resource templates. */
export function complete(exchange: Exchange, params: JsonObject): Reply | Promise<Reply> {
  const { ref, argument, context } = params;
  if (!isJsonObject(ref)) throw new AppError("invalid_params", "params.ref must be an object.");
  if (!isJsonObject(argument) || typeof argument["name"] !== "string" || typeof argument["value"] !== "string") {
    throw new AppError("invalid_params", "params.argument must have a name and a value, both strings.");
  }
  const completion = findCompletions(exchange, ref).get(argument["name"]);
  if (completion === undefined) return encode(exchange, []);
  const typed = argument["value"];
  if (completion.kind === "values") {
    return encode(
      exchange,
      completion.values.filter((value) => beginsWith(value, typed)),
    );
  }
  const known = isJsonObject(context) && isJsonObject(context["arguments"]) ? context["arguments"] : {};
  const args: JsonObject = { name: argument["name"], value: typed, context: known };
  return askTool(exchange, completion, args).then((values) => encode(exchange, values));
}

function findCompletions(exchange: Exchange, ref: JsonObject): ReadonlyMap<string, CompiledCompletion> {
  const { type, name, uri } = ref;
  if (type === "ref/prompt" && typeof name === "string") {
    const prompt = exchange.server.parts.prompts.get(name);
    if (prompt !== undefined) return prompt.completions;
    throw new AppError("invalid_params", "Unknown prompt.");
  }
  if (type === "ref/resource" && typeof uri === "string") {
    const found = exchange.server.parts.resourceTemplates.find(({ template }) => template.text === uri);
    if (found !== undefined) return found.completions;
    if (exchange.server.parts.resources.has(uri)) return new Map();
    throw new AppError("invalid_params", "Unknown resource template.");
  }
  throw new AppError("invalid_params", "params.ref must be a ref/prompt with a name or a ref/resource with a uri.");
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
