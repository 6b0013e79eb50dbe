import { isJsonObject, type JsonValue } from "../../../core/json.ts";

/** The kinds of parts that a reference to a bare document can mean. */
export type Part = "schema" | "parameter" | "pathItem" | "operation" | "response" | "requestBody" | "mapping";

/** Tells what a part is by what it holds; a mapping of names to parts when it is none itself. */
export function guessPart(value: JsonValue): Part {
  if (!isJsonObject(value)) return "schema";
  const has = (key: string): boolean => Object.hasOwn(value, key);
  if (typeof value["in"] === "string" && has("name")) return "parameter";
  if (isJsonObject(value["responses"]) && !isJsonObject(value["type"])) return "operation";
  if (methodKeys.some((key) => isJsonObject(value[key]) && has(key) && looksLikeOperation(value[key])))
    return "pathItem";
  if (isJsonObject(value["content"]) && Object.keys(value["content"]).some((key) => key.includes("/"))) {
    return has("required") ? "requestBody" : "response";
  }
  if (typeof value["description"] === "string" && isJsonObject(value["schema"])) return "response";
  if (typeof value["type"] === "string" || schemaMarks.some(has)) return "schema";
  if (typeof value["description"] === "string") return has("headers") ? "response" : "schema";
  return "mapping";
}

/** Keys of a path item that are operations. */
export const methodKeys = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"] as const;

const schemaMarks = [
  "$ref",
  "allOf",
  "anyOf",
  "oneOf",
  "not",
  "enum",
  "items",
  "nullable",
  "additionalProperties",
  "format",
];

function looksLikeOperation(value: JsonValue | undefined): boolean {
  return (
    isJsonObject(value) &&
    ["responses", "operationId", "parameters", "requestBody"].some((key) => Object.hasOwn(value, key))
  );
}
