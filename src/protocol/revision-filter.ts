import { isJsonObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { type Rank, rank } from "./revisions.ts";

/** Fields and the rank from which a receiver knows them; a field not named here is always kept. */
const toolFields: Readonly<Record<string, Rank>> = {
  annotations: rank["2025-03-26"],
  title: rank["2025-06-18"],
  outputSchema: rank["2025-06-18"],
  _meta: rank["2025-06-18"],
  icons: rank["2025-11-25"],
};

const describedFields: Readonly<Record<string, Rank>> = {
  title: rank["2025-06-18"],
  _meta: rank["2025-06-18"],
  icons: rank["2025-11-25"],
};

const serverInfoFields: Readonly<Record<string, Rank>> = {
  title: rank["2025-06-18"],
  icons: rank["2025-11-25"],
  description: rank["2025-11-25"],
  websiteUrl: rank["2025-11-25"],
};

/** A tool definition as a receiver of that rank knows it. */
export function filterTool(tool: JsonObject, receiver: Rank): JsonObject {
  const filtered = keepKnown(tool, toolFields, receiver);
  const title = tool["title"];
  if (receiver === rank["2025-03-26"] && title !== undefined) {
    const annotations = tool["annotations"];
    filtered["annotations"] = { title, ...(isJsonObject(annotations) ? annotations : {}) };
  }
  if (receiver >= rank["2026-07-28"]) dropTaskSupport(filtered);
  const output = filtered["outputSchema"];
  if (receiver < rank["2026-07-28"] && isJsonObject(output) && output["type"] !== "object") {
    filtered["outputSchema"] = wrapOutputSchema(output);
  }
  return filtered;
}

/** Tasks of 2025-11-25 are another thing than the extension of 2026-07-28, which must not see them. */
function dropTaskSupport(tool: Record<string, JsonValue>): void {
  const { execution } = tool;
  if (!isJsonObject(execution) || execution["taskSupport"] === undefined) return;
  const { taskSupport: _, ...rest } = execution;
  if (Object.keys(rest).length === 0) delete tool["execution"];
  else tool["execution"] = rest;
}

/** A prompt, resource or resource template as a receiver of that rank knows it. */
export function filterDescribed(entry: JsonObject, receiver: Rank): JsonObject {
  const filtered = keepKnown(entry, describedFields, receiver);
  const args = filtered["arguments"];
  if (Array.isArray(args)) {
    filtered["arguments"] = args.map((argument) =>
      isJsonObject(argument) ? keepKnown(argument, describedFields, receiver) : argument,
    );
  }
  return filtered;
}

export function filterServerInfo(info: JsonObject, receiver: Rank): JsonObject {
  return keepKnown(info, serverInfoFields, receiver);
}

function keepKnown(
  object: JsonObject,
  since: Readonly<Record<string, Rank>>,
  receiver: Rank,
): Record<string, JsonValue> {
  const kept: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(object)) {
    const from = Object.hasOwn(since, key) ? since[key] : undefined;
    if (from === undefined || from <= receiver) kept[key] = value;
  }
  return kept;
}

/**
 * Before 2026-07-28 structured content is an object: any other result travels as `{ "result": … }`
 * and its schema is wrapped the same way, local references included.
 */
function wrapOutputSchema(schema: JsonObject): JsonObject {
  const inner = schema["$id"] === undefined ? (rewriteReferences(schema) as JsonObject) : schema; // objects map to objects
  return { type: "object", properties: { result: inner }, required: ["result"] };
}

function rewriteReferences(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(rewriteReferences);
  if (!isJsonObject(value)) return value;
  const rewritten: Record<string, JsonValue> = {};
  for (const [key, member] of Object.entries(value)) {
    rewritten[key] =
      key === "$ref" && typeof member === "string" && (member === "#" || member.startsWith("#/"))
        ? `#/properties/result${member.slice(1)}`
        : rewriteReferences(member);
  }
  return rewritten;
}

/** `structuredContent` for the receiver as JSON text; undefined when its revision has none. */
export function filterStructured(structured: string, receiver: Rank): string | undefined {
  if (receiver < rank["2025-06-18"]) return undefined;
  if (receiver === rank["2026-07-28"] || structured.startsWith("{")) return structured;
  return `{"result":${structured}}`;
}

/** Content blocks a receiver of that rank does not know, put in words or kinds that it does. */
export function filterContent(content: readonly JsonValue[], receiver: Rank): JsonValue[] {
  return content.map((block) => (isJsonObject(block) ? filterBlock(block, receiver) : block));
}

/** One content block, as in `filterContent`. */
export function filterBlock(block: JsonObject, receiver: Rank): JsonObject {
  switch (block["type"]) {
    case "audio":
      return receiver < rank["2025-03-26"] ? audioAsResource(block) : block;
    case "resource_link":
      return receiver < rank["2025-06-18"] ? linkAsText(block) : block;
    default:
      return block;
  }
}

function audioAsResource(block: JsonObject): JsonObject {
  const mimeType = block["mimeType"] ?? "application/octet-stream";
  const data = block["data"] ?? "";
  return { type: "resource", resource: { uri: "audio:inline", mimeType, blob: data } };
}

function linkAsText(block: JsonObject): JsonObject {
  const parts = [block["title"] ?? block["name"], block["uri"], block["description"]];
  return { type: "text", text: parts.filter((part) => typeof part === "string").join("\n") };
}
