import type { HttpRequestConfig } from "../../core/config/request-schema.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { DocumentPath } from "../../core/problem.ts";
import { type CompileScope, compileValue, type Template, textOf } from "../../expressions/template.ts";
import { composed } from "./fixed-template.ts";
import { percentEncode } from "./wire-text.ts";

export type QueryStyle = "repeat" | "comma" | "space" | "pipe" | "brackets" | "deepObject";

interface Parameter {
  /** Percent-encoded. */
  readonly name: string;
  readonly style: QueryStyle;
  readonly value: Template<JsonValue | undefined>;
}

/**
 * Compiles query parameters into the text after `?`, without it; empty when nothing is there. Absent
 * values and nulls are left out. Pure; problems go to `scope.report`.
 */
export function compileQuery(
  query: HttpRequestConfig["query"],
  path: DocumentPath,
  scope: CompileScope,
): Template<string> {
  const parameters = Object.entries(query).map(([name, config]): Parameter => {
    // The schema lets an object with `value` through in the long form only.
    const isLong = isJsonObject(config) && Object.hasOwn(config, "value");
    const { value, style } = isLong
      ? (config as { value: JsonValue; style: QueryStyle })
      : { value: config, style: "repeat" as const };
    const at = isLong ? [...path, name, "value"] : [...path, name];
    return { name: percentEncode(name), style, value: compileValue(value, at, scope) };
  });
  return composed(
    parameters.map((parameter) => parameter.value),
    (callScope) => {
      let text = "";
      for (const { name, style, value } of parameters) {
        text = writeParameter(text, name, style, value.evaluate(callScope));
      }
      return text;
    },
  );
}

/** Appends one parameter. `name` is percent-encoded already; so are the brackets, which RFC 3986 keeps for hosts. */
export function writeParameter(text: string, name: string, style: QueryStyle, value: JsonValue | undefined): string {
  if (value === undefined || value === null) return text;
  if (typeof value !== "object") return append(text, name, percentEncode(textOf(value)));
  switch (style) {
    case "comma":
      return joined(text, name, value, ",");
    case "space":
      return joined(text, name, value, "%20");
    case "pipe":
      // A bare | is not allowed in a URL (RFC 3986); servers decode it.
      return joined(text, name, value, "%7C");
    case "repeat":
      return isList(value) ? items(text, name, value) : members(text, value, (key) => key);
    case "brackets":
      return isList(value) ? items(text, `${name}%5B%5D`, value) : members(text, value, (key) => `${name}%5B${key}%5D`);
    case "deepObject":
      return deep(text, name, value);
  }
}

function append(text: string, name: string, encoded: string): string {
  return text === "" ? `${name}=${encoded}` : `${text}&${name}=${encoded}`;
}

/** Lists inside lists have no form in these styles; they are written as JSON. */
function items(text: string, name: string, list: readonly JsonValue[]): string {
  let result = text;
  for (const item of list) {
    if (item !== null) result = append(result, name, percentEncode(textOf(item)));
  }
  return result;
}

function members(text: string, value: JsonObject, nameOf: (key: string) => string): string {
  let result = text;
  for (const [key, member] of Object.entries(value)) {
    if (member !== null) result = append(result, nameOf(percentEncode(key)), percentEncode(textOf(member)));
  }
  return result;
}

function joined(text: string, name: string, value: JsonObject | readonly JsonValue[], separator: string): string {
  const flat: readonly JsonValue[] = isList(value)
    ? value.filter((item) => item !== null)
    : Object.entries(value).flatMap((entry) => (entry[1] === null ? [] : entry));
  const encoded = flat.map((item) => percentEncode(textOf(item)));
  return encoded.length === 0 ? text : append(text, name, encoded.join(separator));
}

/** `a[k]=v` to any depth; lists repeat their name. */
function deep(text: string, name: string, value: JsonValue): string {
  if (value === null) return text;
  if (typeof value !== "object") return append(text, name, percentEncode(textOf(value)));
  if (isList(value)) return value.reduce<string>((result, item) => deep(result, name, item), text);
  let result = text;
  for (const [key, member] of Object.entries(value))
    result = deep(result, `${name}%5B${percentEncode(key)}%5D`, member);
  return result;
}

/** `Array.isArray` does not narrow a readonly list out of a union. */
function isList(value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value);
}
