import { isJsonObject, type JsonObject } from "../core/json.ts";
import { workKeyword } from "./work-limit.ts";

const references = ["$ref", "$dynamicRef", "$recursiveRef"];
/** Keywords whose members are named by the author, so that `nullable` there is a name. */
const namedSchemas = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]);

/**
 * A schema as the validator takes it: bounds beyond 2^53 are numbers, and `nullable` of OpenAPI, which
 * says nothing without `type`, is left out there instead of failing. References are counted (WorkLimit).
 */
export function prepareSchema(schema: JsonObject): JsonObject {
  return prepareMembers(schema, false);
}

function prepare(value: unknown, isNaming: boolean): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map((item: unknown) => prepare(item, false));
  return isJsonObject(value) ? prepareMembers(value, isNaming) : value;
}

function prepareMembers(object: JsonObject, isNaming: boolean): JsonObject {
  const isLoose = !isNaming && object["type"] === undefined;
  const members = Object.entries(object)
    .filter(([key, value]) => !(isLoose && key === "nullable" && typeof value === "boolean"))
    .map(([key, value]) => [key, prepare(value, !isNaming && namedSchemas.has(key))]);
  if (!isNaming && references.some((keyword) => typeof object[keyword] === "string")) members.push([workKeyword, true]);
  // JSON in, JSON out.
  return Object.fromEntries(members) as JsonObject;
}
