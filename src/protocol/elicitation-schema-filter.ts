import { isJsonObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { type Rank, rank } from "./revisions.ts";

/**
 * The schema of an elicitation form as a client of that revision knows it. 2025-06-18 has flat fields
 * of text, number, boolean and one choice (`enum` with `enumNames`); titled choices of later revisions
 * are rewritten, defaults of text and numbers dropped, lists left out.
 *
 * @returns undefined when a required field cannot be shown
 */
export function elicitationSchemaFor(schema: JsonObject, receiver: Rank): JsonObject | undefined {
  if (receiver >= rank["2025-11-25"]) return schema;
  const { properties, required } = schema;
  if (!isJsonObject(properties)) return schema;
  const mustHave: readonly JsonValue[] = Array.isArray(required) ? required : [];
  const known: Record<string, JsonValue> = {};
  for (const [name, field] of Object.entries(properties)) {
    const shown = isJsonObject(field) ? fieldFor(field) : undefined;
    if (shown !== undefined) known[name] = shown;
    else if (mustHave.includes(name)) return undefined;
  }
  const { $schema: _dialect, ...rest } = schema;
  return { ...rest, properties: known };
}

function fieldFor(field: JsonObject): JsonObject | undefined {
  switch (field["type"]) {
    case "boolean":
      return field;
    case "number":
    case "integer":
      return withoutDefault(field);
    case "string":
      return choiceFor(withoutDefault(field));
    default:
      return undefined;
  }
}

function withoutDefault({ default: _default, ...rest }: JsonObject): JsonObject {
  return rest;
}

/** `oneOf` of constants with titles is what later revisions have for `enum` with `enumNames`. */
function choiceFor(field: JsonObject): JsonObject {
  const { oneOf, ...rest } = field;
  if (!Array.isArray(oneOf)) return field;
  const choices = oneOf.filter(isJsonObject);
  const values = choices.map((choice) => choice["const"] ?? null);
  return { ...rest, enum: values, enumNames: choices.map(({ title }, index) => title ?? values[index] ?? null) };
}
