import type { ToolConfig } from "../../core/config/tool-schema.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { DocumentPath, Report } from "../../core/problem.ts";
import { type BlockMaker, compileContentBlock } from "../../expressions/content-blocks.ts";
import { type CompileScope, compileValue, type Template, type Variable } from "../../expressions/template.ts";
import { type JsonSchemaValidator, lazyValidator } from "../../schemas/json-schema.ts";
import { compileStream, type StreamPlan } from "./stream-plan.ts";
import { compileRequest, type RequestPlan } from "./request-plan.ts";

/** A REST tool, compiled: how its request is written and what its answer becomes. Holds no secret. */
export interface HttpToolCall {
  readonly name: string;
  readonly request: RequestPlan;
  /** The result instead of the body. */
  readonly result: Template<JsonValue | undefined> | undefined;
  /** The content blocks instead of the ones made from the result. */
  readonly content: readonly BlockMaker[] | undefined;
  /** Whether `content` may hold blocks that older revisions do not know. */
  readonly needsFilter: boolean;
  readonly output: JsonSchemaValidator | undefined;
  readonly stream: StreamPlan | undefined;
  /** Nothing looks into the body: it is passed on as it is. */
  readonly isVerbatim: boolean;
}

export interface ToolCompileScope {
  /** Place of the tool in the document. */
  readonly path: DocumentPath;
  readonly report: Report;
}

/** Results go to the client, so they see no secrets. */
const resultVariables: ReadonlySet<Variable> = new Set<Variable>(["args", "request", "principal", "response"]);

/** Compiles a tool. Pure and cheap; problems of its expressions, headers and templates go to `report`. */
export function compileHttpTool(tool: ToolConfig, { path, report }: ToolCompileScope): HttpToolCall {
  const argumentNames = knownArguments(tool.input);
  const options = { report, ...(argumentNames === undefined ? {} : { argumentNames }) };
  const scope: CompileScope = { variables: resultVariables, ...options };
  const { result, content, output, stream } = tool;
  return {
    name: tool.name,
    request: compileRequest(tool.request, [...path, "request"], options),
    result: result === undefined ? undefined : compileValue(result, [...path, "result"], scope),
    content: content?.map((block, index) => compileContentBlock(block, [...path, "content", index], scope)),
    needsFilter: content?.some((block) => "audio" in block || "resourceLink" in block) ?? false,
    output: output === undefined ? undefined : lazyValidator(output),
    stream: stream === undefined ? undefined : compileStream(stream, [...path, "stream"], options),
    isVerbatim: result === undefined && content === undefined && output === undefined,
  };
}

/** Keywords that can name arguments in other places than `properties`. */
const otherSources = ["$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "patternProperties", "dependentSchemas"];

/** The names that arguments can have, when `properties` alone decides. */
function knownArguments(input: JsonObject): ReadonlySet<string> | undefined {
  const { properties, additionalProperties } = input;
  if (!isJsonObject(properties) || otherSources.some((keyword) => Object.hasOwn(input, keyword))) return undefined;
  const isOpen = additionalProperties === true || isJsonObject(additionalProperties);
  return isOpen ? undefined : new Set(Object.keys(properties));
}
