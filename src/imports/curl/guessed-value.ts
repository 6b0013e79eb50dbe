import type { JsonObject, JsonValue } from "../../core/json.ts";
import { schemaOf, type WantedArgument } from "./argument-list.ts";

/** The name in a place that is to be filled in: `{id}`, `:id`, `<id>`, `$ID`, `${ID}`, `YOUR_API_KEY`. */
export function placeholderName(text: string): string | undefined {
  const match = /^(?:\{([\w.-]+)\}|:([A-Za-z]\w*)|<([\w-]+)>|\$\{(\w+)\}|\$([A-Za-z_]\w*)|\{\{([\w.-]+)\}\})$/.exec(
    text,
  );
  if (match !== null) return match.slice(1).find((name) => name !== undefined);
  return /^(?:YOUR|MY)[_-][A-Z][A-Z_-]*$/.test(text) ? text.toLowerCase() : undefined;
}

/** The argument that a value of a query or a form becomes: with the value as its default, or required when it is to be filled in. */
export function argumentFor(name: string, text: string): WantedArgument {
  if (placeholderName(text) !== undefined) return { name, schema: { type: "string" }, isRequired: true };
  const value = guessedValue(text);
  return { name, schema: withDefault(schemaOf(value), value), isRequired: false };
}

export function withDefault(schema: JsonObject, value: JsonValue): JsonObject {
  return { ...schema, default: value };
}

/** Numbers and booleans that are written back exactly as they stood; everything else is text. */
export function guessedValue(text: string): JsonValue {
  if (text === "true" || text === "false") return text === "true";
  const number = /^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) && String(number) === text && text !== "-0" ? number : text;
}
