import type { Dialect } from "./ajv-instances.ts";

/** What a keyword of JSON Schema takes. */
export type KeywordKind =
  | "anything"
  | "schema"
  | "schemas"
  | "schema or schemas"
  | "named schemas"
  | "schemas by pattern"
  | "names by name"
  | "names"
  | "text"
  | "boolean"
  | "number"
  | "positive number"
  | "count"
  | "list"
  | "type"
  | "pattern"
  | "reference"
  | "refused";

export const typeNames: ReadonlySet<string> = new Set([
  "object",
  "array",
  "string",
  "integer",
  "number",
  "boolean",
  "null",
]);

/** Keywords by what they take, over all dialects; the differences are in `kindOfKeyword`. */
const keywordsByKind: Readonly<Record<KeywordKind, readonly string[]>> = {
  anything: ["default", "examples", "const", "$vocabulary"],
  schema: [
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "additionalProperties",
    "additionalItems",
    "unevaluatedProperties",
    "unevaluatedItems",
    "contentSchema",
  ],
  schemas: ["allOf", "anyOf", "oneOf", "prefixItems"],
  "schema or schemas": ["items"],
  "named schemas": ["properties", "$defs", "definitions", "dependentSchemas"],
  "schemas by pattern": ["patternProperties"],
  "names by name": ["dependentRequired", "dependencies"],
  names: ["required"],
  text: [
    "$schema",
    "$id",
    "$anchor",
    "$dynamicAnchor",
    "$comment",
    "title",
    "description",
    "format",
    "contentEncoding",
    "contentMediaType",
  ],
  boolean: ["uniqueItems", "readOnly", "writeOnly", "deprecated", "$recursiveAnchor"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
  "positive number": ["multipleOf"],
  count: [
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "minContains",
    "maxContains",
  ],
  list: ["enum"],
  type: ["type"],
  pattern: ["pattern"],
  reference: ["$ref", "$dynamicRef", "$recursiveRef"],
  refused: ["$async"],
};

const kinds: ReadonlyMap<string, KeywordKind> = new Map(
  // The keys of a record are of the record's key type.
  (Object.keys(keywordsByKind) as KeywordKind[]).flatMap((kind) => {
    return keywordsByKind[kind].map((keyword) => [keyword, kind] as const);
  }),
);

/** What a keyword takes in a dialect; `undefined` when it is no keyword. */
export function kindOfKeyword(keyword: string, dialect: Dialect): KeywordKind | undefined {
  // Since 2020-12 a list of schemas is `prefixItems`.
  if (keyword === "items" && dialect === "2020-12") return "schema";
  return kinds.get(keyword);
}

/** All keywords, for suggestions. */
export function allKeywords(): readonly string[] {
  return [...kinds.keys()];
}
