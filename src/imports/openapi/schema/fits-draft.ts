import { canonicalJson } from "../../../core/canonical-json.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import { lazyValidator } from "../../../schemas/json-schema.ts";
import type { Draft } from "./conversion.ts";
import { isAnnotation, isList } from "./keyword-groups.ts";

/**
 * Whether a value certainly fits a draft. Says no where that would take more than a look: references and
 * combinations.
 */
export function fitsDraft(value: JsonValue, draft: Draft): boolean {
  if (typeof draft === "boolean" || !isJsonObject(draft)) return draft === true;
  return Object.entries(draft).every(([keyword, wanted]) => {
    return isAnnotation(keyword) || wanted === undefined || fitsKeyword(value, keyword, wanted, draft);
  });
}

function fitsKeyword(value: JsonValue, keyword: string, wanted: JsonValue, draft: JsonObject): boolean {
  switch (keyword) {
    case "type":
      return (isList(wanted) ? wanted : [wanted]).some((type) => isOfType(value, type));
    case "enum":
      return isList(wanted) && wanted.some((item) => canonicalJson(item) === canonicalJson(value));
    case "const":
      return canonicalJson(wanted) === canonicalJson(value);
    case "minimum":
      return !isNumber(value) || value >= Number(wanted);
    case "maximum":
      return !isNumber(value) || value <= Number(wanted);
    case "exclusiveMinimum":
      return !isNumber(value) || value > Number(wanted);
    case "exclusiveMaximum":
      return !isNumber(value) || value < Number(wanted);
    case "minLength":
      return typeof value !== "string" || [...value].length >= Number(wanted);
    case "maxLength":
      return typeof value !== "string" || [...value].length <= Number(wanted);
    case "minItems":
      return !isList(value) || value.length >= Number(wanted);
    case "maxItems":
      return !isList(value) || value.length <= Number(wanted);
    case "uniqueItems":
      return (
        !isList(value) || wanted !== true || new Set(value.map((item) => canonicalJson(item))).size === value.length
      );
    case "items":
      return !isList(value) || draft["prefixItems"] !== undefined || value.every((item) => fitsDraft(item, wanted));
    case "properties":
      return !isJsonObject(value) || fitsProperties(value, wanted);
    case "required":
      return !isJsonObject(value) || !isList(wanted) || wanted.every((name) => Object.hasOwn(value, String(name)));
    case "additionalProperties":
      return !isJsonObject(value) || hasNoOther(value, draft["properties"]) || wanted === true;
    case "format":
    case "pattern":
      return lazyValidator({ [keyword]: wanted }).check(value) === undefined;
    case "contentEncoding":
    case "contentMediaType":
      return true;
    case "multipleOf":
      return !isNumber(value) || Number.isInteger(Number(value) / Number(wanted));
    default:
      return false;
  }
}

function fitsProperties(value: JsonObject, properties: JsonValue): boolean {
  if (!isJsonObject(properties)) return false;
  return Object.entries(value).every(([name, member]) => {
    const draft = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return draft === undefined || fitsDraft(member, draft);
  });
}

function hasNoOther(value: JsonObject, properties: JsonValue | undefined): boolean {
  return Object.keys(value).every((name) => isJsonObject(properties) && Object.hasOwn(properties, name));
}

/** A scalar as one of the types, turned into it where it can only mean one value; `undefined` when it cannot. */
export function mendScalar(value: JsonValue, types: JsonValue): JsonValue | undefined {
  const wanted = isList(types) ? types : [types];
  if (wanted.some((type) => isOfType(value, type))) return value;
  if (typeof value === "string") {
    const isNumeral = /^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?$/.test(value);
    if (isNumeral && (wanted.includes("number") || (wanted.includes("integer") && !value.includes("."))))
      return Number(value);
    if (wanted.includes("boolean") && (value === "true" || value === "false")) return value === "true";
    return undefined;
  }
  return (typeof value === "number" || typeof value === "bigint") && wanted.includes("string")
    ? String(value)
    : undefined;
}

export function isOfType(value: JsonValue, type: JsonValue): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return isList(value);
    case "object":
      return isJsonObject(value);
    case "number":
      return isNumber(value);
    case "integer":
      return typeof value === "bigint" || Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function isNumber(value: JsonValue): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}
