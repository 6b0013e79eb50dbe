import type { JsonObject, JsonValue } from "../../../core/json.ts";

/** Keywords that say something about a value and check nothing. */
const annotations: ReadonlySet<string> = new Set(["title", "description", "default", "examples", "deprecated"]);

export function isAnnotation(keyword: string): boolean {
  return annotations.has(keyword);
}

/** The members of a schema that check nothing, and those that do. */
export function splitAnnotations(schema: JsonObject): {
  readonly annotations: JsonObject;
  readonly checks: JsonObject;
} {
  const entries = Object.entries(schema);
  return {
    annotations: Object.fromEntries(entries.filter(([keyword]) => isAnnotation(keyword))),
    checks: Object.fromEntries(entries.filter(([keyword]) => !isAnnotation(keyword))),
  };
}

/** Keywords of JSON Schema that are said about the document or another direction, not about the value. */
export const leftOut: ReadonlySet<string> = new Set([
  "$schema",
  "$id",
  "$anchor",
  "$dynamicAnchor",
  "$recursiveAnchor",
  "$vocabulary",
  "$comment",
  "$async",
  "$ref",
  "$defs",
  "definitions",
  "readOnly",
  "writeOnly",
  "additionalItems",
  "dependencies",
]);

/**
 * What of a response's schema is kept: its shape. Everything else would only make answers fail that are fine
 * (docs/decisions/loose-outputs.md).
 */
export const keptInResponses: ReadonlySet<string> = new Set([
  "title",
  "description",
  "deprecated",
  "type",
  "enum",
  "const",
  "properties",
  "additionalProperties",
  "items",
  "prefixItems",
  "allOf",
  "anyOf",
  "oneOf",
]);

/** `Array.isArray` does not narrow a readonly array out of a union. */
export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
