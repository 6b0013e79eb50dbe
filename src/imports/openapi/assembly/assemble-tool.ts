import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import { stringifyJson } from "../../../core/lossless-json.ts";
import type { OperationSource, ToolParts } from "../description.ts";
import type { OperationHints } from "../selection/operation-hints.ts";
import { cleanMarkup } from "../text/clean-markup.ts";
import { trimSchema } from "../text/trim-schema.ts";
import { trimText } from "../text/trim-text.ts";

export interface ToolOptions {
  readonly name: string;
  readonly upstream: string;
  readonly hints: OperationHints;
  readonly descriptionLength: number;
  readonly parameterDescriptionLength: number;
}

/** The tool of the document that an operation becomes, with its words cleaned and trimmed. */
export function assembleTool(source: OperationSource, parts: ToolParts, options: ToolOptions): JsonObject {
  const { hints, parameterDescriptionLength } = options;
  const title = trimText(oneLine(hints.title ?? parts.title ?? textOf(source.operation.value["summary"])), 100);
  const annotations = { ...parts.annotations, ...hints.annotations };
  return {
    name: options.name,
    ...(title === "" ? {} : { title }),
    description: describe(source, options),
    upstream: options.upstream,
    input: trimSchema(parts.input, parameterDescriptionLength),
    request: parts.request,
    ...(parts.result === undefined ? {} : { result: parts.result }),
    ...(parts.output === undefined ? {} : { output: trimSchema(parts.output, parameterDescriptionLength) }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
}

/** What clients are told about a tool, as JSON: what it takes of a model's context. */
export function definitionText({ name, title, description, input, output, annotations }: JsonObject): string {
  const definition = { name, title, description, inputSchema: input, outputSchema: output, annotations };
  // Members that are undefined are left out of the text.
  return stringifyJson(definition as JsonObject);
}

function describe({ method, path, operation }: OperationSource, options: ToolOptions): string {
  const { descriptionLength, hints } = options;
  const words = cleanMarkup(
    hints.description ?? joined(textOf(operation.value["summary"]), textOf(operation.value["description"])),
  );
  const deprecated = operation.value["deprecated"] === true ? "Deprecated. " : "";
  const text = words === "" ? `${method} ${cleanMarkup(path)}` : words;
  return `${deprecated}${trimText(text, Math.max(descriptionLength - deprecated.length, 20))}`;
}

function joined(summary: string, description: string): string {
  const [first, second] = [oneLine(summary), cleanMarkup(description)];
  if (first === "" || second === "") return first === "" ? second : first;
  if (second.toLowerCase().startsWith(first.replace(/\.$/, "").toLowerCase())) return second;
  return `${/[.!?:。]$/.test(first) ? first : `${first}.`} ${second}`;
}

function oneLine(text: string): string {
  return cleanMarkup(text).replaceAll(/\s+/g, " ");
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

/** The info object of a description; empty when it has none. */
export function infoOf(root: JsonObject): JsonObject {
  return isJsonObject(root["info"]) ? root["info"] : {};
}
