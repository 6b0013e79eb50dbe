import { canonicalJson } from "../../../core/canonical-json.ts";
import type { JsonValue } from "../../../core/json.ts";
import { type KeywordKind, typeNames } from "../../../schemas/keywords.ts";
import type { Located } from "../description.ts";
import type { Conversion } from "./conversion.ts";
import { isList } from "./keyword-groups.ts";
import { mendPattern } from "./mend-pattern.ts";

/**
 * Converts the value of a keyword that holds no schemas; `undefined` leaves the keyword out. Values of a wrong
 * kind that can only mean one thing are mended.
 */
export function convertScalarKeyword(
  keyword: string,
  kind: KeywordKind,
  at: Located,
  conversion: Conversion,
): JsonValue | undefined {
  const { value } = at;
  const drop = (wanted: string): undefined => {
    conversion.note("keyword-not-usable", `\`${keyword}\` is left out: it must be ${wanted}.`, at);
  };
  switch (kind) {
    case "anything":
      return value;
    case "text":
      if (typeof value !== "string") return drop("a text");
      return value === "" ? undefined : value;
    case "boolean":
      return typeof value === "boolean" ? value : drop("true or false");
    case "number":
    case "positive number":
    case "count":
      return convertNumber(keyword, kind, at, conversion);
    case "list":
      return isList(value) && value.length > 0 ? distinct(value) : drop("a list with at least one value");
    case "type":
      return convertType(at, conversion);
    case "pattern":
      return typeof value === "string" ? convertPattern(value, at, conversion) : drop("a text");
    case "reference":
      conversion.note("dynamic-reference", `\`${keyword}\` is not supported: any value fits there.`, at);
      return undefined;
    default:
      return undefined;
  }
}

function convertNumber(keyword: string, kind: KeywordKind, at: Located, conversion: Conversion): JsonValue | undefined {
  const { value } = at;
  // OpenAPI 3.0 has booleans here; they belong to `minimum` and `maximum` (see finishDraft).
  if (typeof value === "boolean" && keyword.startsWith("exclusive")) return value;
  const isNumeral = typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value);
  const number = isNumeral ? Number(value) : value;
  if (typeof number !== "number" && typeof number !== "bigint") {
    conversion.note("keyword-not-usable", `\`${keyword}\` is left out: it must be a number.`, at);
    return undefined;
  }
  if (isNumeral) conversion.note("keyword-mended", `\`${keyword}\` is a text; it is taken for the number in it.`, at);
  // A length that no text and no list has limits nothing.
  if (kind === "count" && typeof number === "bigint") return undefined;
  const isFine = kind === "number" || (kind === "count" ? Number.isInteger(number) && number >= 0 : number > 0);
  if (isFine) return number;
  const wanted = kind === "count" ? "a whole number from 0" : "above 0";
  conversion.note("keyword-not-usable", `\`${keyword}\` is left out: it must be ${wanted}.`, at);
  return undefined;
}

/** More values than these are no choice that a model could make; equal ones among them are not looked for. */
const maxCompared = 5_000;

function distinct(list: readonly JsonValue[]): readonly JsonValue[] {
  if (list.length > maxCompared) return list;
  return [...new Map(list.map((value) => [canonicalJson(value), value])).values()];
}

/** What other languages call the types of JSON. */
const typeByAlias: Readonly<Record<string, string>> = {
  bool: "boolean",
  int: "integer",
  int32: "integer",
  int64: "integer",
  long: "integer",
  float: "number",
  double: "number",
  decimal: "number",
  text: "string",
  date: "string",
  datetime: "string",
  "date-time": "string",
  uuid: "string",
  file: "string",
  binary: "string",
  list: "array",
  map: "object",
};

function convertType(at: Located, conversion: Conversion): JsonValue | undefined {
  const { value } = at;
  const names = (isList(value) ? value : [value]).map((name) => knownType(name));
  const known = [...new Set(names.filter((name) => name !== undefined))];
  if (known.length < names.length) {
    const message = "`type` names a type that JSON does not have; it is left out.";
    conversion.note("type-unknown", message, at);
    // A list of types without one of them would refuse what the description allows.
    return undefined;
  }
  const [only] = known;
  return known.length === 1 ? only : known.length === 0 ? undefined : known;
}

function knownType(name: JsonValue): string | undefined {
  if (name === null) return "null";
  if (typeof name !== "string") return undefined;
  if (typeNames.has(name)) return name;
  const lower = name.toLowerCase();
  return typeNames.has(lower) ? lower : Object.hasOwn(typeByAlias, lower) ? typeByAlias[lower] : undefined;
}

function convertPattern(pattern: string, at: Located, conversion: Conversion): JsonValue | undefined {
  const mended = mendPattern(pattern);
  if ("pattern" in mended) return mended.pattern;
  const message = `A pattern is left out, ${mended.fault}; the upstream still checks it.`;
  conversion.note("pattern-not-supported", message, at);
  return undefined;
}
