import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import type { Located } from "../description.ts";
import { followReference } from "../follow-reference.ts";
import type { Conversion } from "./conversion.ts";
import { isList } from "./keyword-groups.ts";

/**
 * JSON Schema has no discriminators. In requests each alternative gets its name as the `const` of the property;
 * without alternatives the property's description lists the names.
 */
export function withDiscriminator(draft: JsonObject, schema: Located, conversion: Conversion): JsonObject {
  const { value } = schema;
  const discriminator = isJsonObject(value) ? value["discriminator"] : undefined;
  if (!isJsonObject(discriminator) || conversion.direction === "response") return draft;
  const { propertyName, mapping } = discriminator;
  if (typeof propertyName !== "string") return draft;
  const names = namesByPointer(isJsonObject(mapping) ? mapping : {}, schema, conversion);
  for (const keyword of ["oneOf", "anyOf"]) {
    const alternatives = draft[keyword];
    if (!isList(alternatives)) continue;
    const at = conversion.description.child(schema, keyword);
    return {
      ...draft,
      [keyword]: alternatives.map((alternative, index) => {
        const source = at === undefined ? undefined : conversion.description.child(at, index);
        return named(alternative, propertyName, source === undefined ? [] : namesOf(source, names, conversion));
      }),
    };
  }
  return describeNames(draft, propertyName, isJsonObject(mapping) ? Object.keys(mapping) : []);
}

/** Names that the mapping gives, by what they lead to. */
function namesByPointer(mapping: JsonObject, schema: Located, conversion: Conversion): ReadonlyMap<string, string[]> {
  const names = new Map<string, string[]>();
  for (const [name, reference] of Object.entries(mapping)) {
    if (typeof reference !== "string") continue;
    const isName = /^[\w.-]+$/.test(reference) && !/\.(?:json|ya?ml)$/i.test(reference);
    const $ref = isName ? `#/components/schemas/${reference}` : reference;
    const key = keyOf({ ...schema, value: { $ref } }, conversion);
    if (key !== undefined) names.set(key, [...(names.get(key) ?? []), name]);
  }
  return names;
}

function namesOf(
  alternative: Located,
  names: ReadonlyMap<string, string[]>,
  conversion: Conversion,
): readonly string[] {
  if (!isJsonObject(alternative.value) || typeof alternative.value["$ref"] !== "string") return [];
  const key = keyOf(alternative, conversion);
  const mapped = key === undefined ? undefined : names.get(key);
  if (mapped !== undefined) return mapped;
  // Without a mapping the name is that of the component.
  const name = /\/components\/schemas\/([^/]+)$/.exec(alternative.value["$ref"])?.[1];
  return name === undefined ? [] : [name];
}

function keyOf(reference: Located, { description }: Conversion): string | undefined {
  // A broken alternative is noted where it stands; a broken mapping names nothing that exists.
  const target = followReference(reference, description);
  return target === undefined ? undefined : `${target.document}#${target.pointer}`;
}

function named(alternative: JsonValue, property: string, names: readonly string[]): JsonValue {
  const [first] = names;
  if (first === undefined || !isJsonObject(alternative)) return alternative;
  const value = names.length === 1 ? { const: first } : { enum: names };
  const distinction = { properties: { [property]: value }, required: [property] };
  return { allOf: [alternative, distinction] };
}

function describeNames(draft: JsonObject, name: string, names: readonly string[]): JsonObject {
  const { properties } = draft;
  const property = isJsonObject(properties) ? properties[name] : undefined;
  if (!isJsonObject(properties) || !isJsonObject(property) || names.length === 0) return draft;
  const own = typeof property["description"] === "string" ? `${property["description"]} ` : "";
  const description = `${own}One of: ${names.slice(0, 20).join(", ")}.`;
  return { ...draft, properties: { ...properties, [name]: { ...property, description } } };
}
