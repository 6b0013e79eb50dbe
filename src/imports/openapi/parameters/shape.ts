import { isJsonObject, type JsonValue } from "../../../core/json.ts";
import type { Draft } from "../schema/conversion.ts";
import { isList } from "../schema/keyword-groups.ts";
import type { SchemaShelf } from "../schema/schema-shelf.ts";

/** What values of a schema are when they are written into a text; `mixed` when there is more than one answer. */
export type Shape = "scalar" | "list" | "object" | "mixed";

const maxDepth = 8;

export function shapeOf(draft: Draft, shelf: SchemaShelf, depth = 0): Shape {
  if (!isJsonObject(draft) || depth > maxDepth) return "mixed";
  const { type, enum: values, const: constant, $ref, allOf, properties, items } = draft;
  if (type !== undefined)
    return oneOf((isList(type) ? type : [type]).filter((name) => name !== "null").map(shapeOfType));
  if (isList(values)) return oneOf(values.filter((value) => value !== null).map(shapeOfValue));
  if (constant !== undefined) return shapeOfValue(constant);
  if (typeof $ref === "string" && shelf.has($ref)) return shapeOf(shelf.target($ref).draft, shelf, depth + 1);
  if (isList(allOf)) {
    const shapes = allOf.map((part) => shapeOf(part, shelf, depth + 1));
    return shapes.find((shape) => shape !== "mixed") ?? "mixed";
  }
  const alternatives = draft["oneOf"] ?? draft["anyOf"];
  if (isList(alternatives)) {
    const real = alternatives.filter((part) => !(isJsonObject(part) && part["type"] === "null"));
    return oneOf(real.map((part) => shapeOf(part, shelf, depth + 1)));
  }
  return properties !== undefined ? "object" : items !== undefined ? "list" : "mixed";
}

function shapeOfType(type: JsonValue): Shape {
  return type === "array" ? "list" : type === "object" ? "object" : "scalar";
}

function shapeOfValue(value: JsonValue): Shape {
  return isList(value) ? "list" : isJsonObject(value) ? "object" : "scalar";
}

function oneOf(shapes: readonly Shape[]): Shape {
  const [first = "mixed", ...others] = shapes;
  return others.every((shape) => shape === first) ? first : "mixed";
}
