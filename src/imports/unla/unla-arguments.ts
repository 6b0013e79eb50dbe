import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { parseJson } from "../../core/lossless-json.ts";
import { AppError } from "../../core/errors.ts";
import type { GoKind } from "./template/go-value.ts";
import type { UnlaArgument, UnlaTool } from "./unla-schema.ts";

/** An argument of a tool: its schema, and what templates may rely on. */
export interface ReadArgument {
  readonly name: string;
  readonly position: string;
  readonly schema: JsonObject;
  readonly isRequired: boolean;
  /** Required, or with a default: never absent in a call. */
  readonly isPresent: boolean;
  readonly kind: GoKind;
}

/** Reads the arguments of a tool; those that `inputSchema` adds come last. */
export function readArguments({ args, inputSchema }: UnlaTool): ReadArgument[] {
  const listed = (args ?? []).map(readArgument);
  const added = addedBySchema(inputSchema ?? {});
  const kept = listed.filter(({ name }) => !added.some((other) => other.name === name));
  return [...kept, ...added];
}

function readArgument({ name, position, required, type, description, items, ...given }: UnlaArgument): ReadArgument {
  const schemaType = typeOf(type ?? "string");
  const fallback = defaultOf(given.default ?? undefined, schemaType);
  const isRequired = required === true;
  const schema = {
    ...(schemaType === undefined ? {} : { type: schemaType }),
    ...(description ? { description } : {}),
    ...(schemaType === "array" && items && Object.keys(items).length > 0 ? { items: cleanItems(items) } : {}),
    ...(fallback === undefined || isRequired ? {} : { default: fallback }),
  };
  const isPresent = isRequired || fallback !== undefined;
  return { name, position: (position ?? "").toLowerCase(), schema, isRequired, isPresent, kind: kindOf(schemaType) };
}

/** `inputSchema` is a schema, or the properties of one. */
function addedBySchema(schema: JsonObject): ReadArgument[] {
  const { properties, required } = schema;
  const isWhole = isJsonObject(properties) && (schema["type"] === undefined || schema["type"] === "object");
  const names: readonly JsonValue[] = isWhole && Array.isArray(required) ? required : [];
  return Object.entries(isWhole ? properties : schema).flatMap(([name, value]): ReadArgument[] => {
    if (!isJsonObject(value)) return [];
    const isRequired = names.includes(name);
    const type = typeof value["type"] === "string" ? value["type"] : undefined;
    const isPresent = isRequired || "default" in value;
    return [{ name, position: "body", schema: value, isRequired, isPresent, kind: kindOf(type) }];
  });
}

const types: Readonly<Record<string, string>> = {
  str: "string",
  text: "string",
  int: "integer",
  int64: "integer",
  long: "integer",
  float: "number",
  float64: "number",
  double: "number",
  bool: "boolean",
  list: "array",
  map: "object",
};

/** The type of JSON Schema; absent for a name that says nothing. */
function typeOf(type: string): string | undefined {
  const name = types[type.toLowerCase()] ?? type.toLowerCase();
  return ["string", "integer", "number", "boolean", "array", "object"].includes(name) ? name : undefined;
}

/** Lists of arguments are JSON text to templates. */
function kindOf(type: string | undefined): GoKind {
  switch (type) {
    case "string":
      return "text";
    case "integer":
    case "number":
      return "number";
    case "boolean":
      return "boolean";
    case "array":
      return "json";
    case "object":
      return "object";
    default:
      return "unknown";
  }
}

/** Defaults are texts there; an empty one is none. */
function defaultOf(value: JsonValue | undefined, type: string | undefined): JsonValue | undefined {
  if (typeof value !== "string" || type === "string" || type === undefined)
    return value === "" || value === null ? undefined : value;
  if (value.trim() === "") return undefined;
  try {
    return parseJson(value);
  } catch (error) {
    if (error instanceof AppError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Empty members that say nothing. */
function cleanItems(items: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(items).filter(([, value]) => value !== "" && value !== null));
}
