import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import { mapList, mapMembers } from "./map-members.ts";
import { schemaKeys, schemaListKeys, schemaMapKeys } from "./schema-shape.ts";

/**
 * A schema of OpenAPI 2.0 or 3.0 as one of 3.1, which is JSON Schema 2020-12. What is not a schema comes back as it is.
 * Nothing is changed in place.
 */
export function upgradeSchema(value: JsonValue): JsonValue {
  if (!isJsonObject(value)) return value;
  if (typeof value["$ref"] === "string") return withNull(besideReference(value), value);
  const inner = mapMembers(value, (member, key) => {
    if (schemaKeys.has(key)) return Array.isArray(member) ? mapList(member, upgradeSchema) : upgradeSchema(member);
    if (schemaListKeys.has(key)) return mapList(member, upgradeSchema);
    if (schemaMapKeys.has(key)) return mapMembers(member, upgradeSchema);
    return member;
  });
  const bounded = upgradeBounds(upgradeFile(isJsonObject(inner) ? inner : {}));
  return withNull(withExamples(bounded), value);
}

/**
 * In 2.0 and 3.0 whatever stands beside a reference is to be ignored. Words and `readOnly` are kept all the same: they
 * narrow nothing, 3.1 allows them, and authors mean them.
 */
function besideReference(schema: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => keptBesideReference.has(key)));
}

const keptBesideReference: ReadonlySet<string> = new Set([
  "$ref",
  "deprecated",
  "description",
  "readOnly",
  "title",
  "writeOnly",
]);

/** `exclusiveMinimum: true` makes a bound of `minimum`; the number itself is what 3.1 has. */
function upgradeBounds(schema: JsonObject): JsonObject {
  let result = schema;
  for (const [flag, bound] of boundKeys) {
    const isExclusive = result[flag];
    if (typeof isExclusive !== "boolean") continue;
    const { [flag]: _flag, [bound]: limit, ...rest } = result;
    if (limit === undefined) result = rest;
    else result = { ...rest, [isExclusive ? flag : bound]: limit };
  }
  return result;
}

const boundKeys = [
  ["exclusiveMinimum", "minimum"],
  ["exclusiveMaximum", "maximum"],
] as const;

/** `type: file` of 2.0. */
function upgradeFile(schema: JsonObject): JsonObject {
  return schema["type"] === "file" ? { ...schema, type: "string", format: "binary" } : schema;
}

/** `example` is one of `examples`; 3.1 deprecates it. */
function withExamples(schema: JsonObject): JsonObject {
  const { example, ...rest } = schema;
  if (example === undefined) return schema;
  return Array.isArray(rest["examples"]) ? rest : { ...rest, examples: [example] };
}

/** `nullable` (3.0) and `x-nullable` (2.0) become the type `null`, wherever the type is said. */
function withNull(schema: JsonObject, written: JsonObject): JsonObject {
  const { nullable: _nullable, "x-nullable": _extension, ...rest } = schema;
  if (written["nullable"] !== true && written["x-nullable"] !== true) return rest;
  const { type, enum: choices } = rest;
  if (typeof type === "string") {
    const withType: JsonObject = { ...rest, type: [type, "null"] };
    if (!Array.isArray(choices) || choices.includes(null)) return withType;
    // `Array.isArray` widens a readonly list to any[].
    return { ...withType, enum: [...(choices as readonly JsonValue[]), null] };
  }
  if (Array.isArray(type)) return rest;
  const { description, title, default: preset, ...bare } = rest;
  if (Object.keys(bare).length === 0) return rest;
  const words = {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(preset === undefined ? {} : { default: preset }),
  };
  return { ...words, anyOf: [bare, { type: "null" }] };
}
