import { isJsonObject } from "../../../core/json.ts";
import type { Located } from "../description.ts";
import { followReference } from "../follow-reference.ts";
import type { Conversion } from "./conversion.ts";
import { isList } from "./keyword-groups.ts";

/** Whether a property is of the other direction: `readOnly` in requests, `writeOnly` in responses. */
export function isHidden(property: Located, conversion: Conversion): boolean {
  const keyword = conversion.direction === "response" ? "writeOnly" : "readOnly";
  if (isJsonObject(property.value) && property.value[keyword] === true) return true;
  const target = targetOf(property, conversion);
  return target !== undefined && isJsonObject(target.value) && target.value[keyword] === true;
}

/**
 * Names of the properties that a schema and the members of its `allOf` leave out, and of those that the
 * schemas around it do: a `required` in one member may name a property of another.
 */
export function hiddenProperties(
  schema: Located,
  conversion: Conversion,
  above: ReadonlySet<string>,
): ReadonlySet<string> {
  const found = new Set<string>();
  collect(schema, conversion, found, new Set());
  if (found.size === 0) return above;
  return above.size === 0 ? found : new Set([...above, ...found]);
}

function collect(schema: Located, conversion: Conversion, found: Set<string>, seen: Set<unknown>): void {
  const { value } = schema;
  if (!isJsonObject(value) || seen.has(value) || seen.size >= maxSchemas) return;
  seen.add(value);
  const { description } = conversion;
  const properties = description.child(schema, "properties");
  if (properties !== undefined && isJsonObject(properties.value)) {
    for (const name of Object.keys(properties.value)) {
      const property = description.child(properties, name);
      if (property !== undefined && isHidden(property, conversion)) found.add(name);
    }
  }
  // Without siblings and `allOf` each schema sees to its own: references need not be followed.
  const members = description.child(schema, "allOf");
  if (members !== undefined && isList(members.value)) {
    for (const index of members.value.keys()) {
      const member = description.child(members, index);
      if (member === undefined) continue;
      collect(member, conversion, found, seen);
      const target = targetOf(member, conversion);
      if (target !== undefined) collect(target, conversion, found, seen);
    }
  }
  if (typeof value["$ref"] === "string" && Object.keys(value).length > 1) {
    const target = targetOf(schema, conversion);
    if (target !== undefined) collect(target, conversion, found, seen);
  }
}

/** Schemas that one can consist of; a limit for hostile ones, since each of them looks at the others. */
const maxSchemas = 100;

function targetOf(schema: Located, { description }: Conversion): Located | undefined {
  if (!isJsonObject(schema.value) || typeof schema.value["$ref"] !== "string") return undefined;
  // Whoever converts the reference notes that it is broken.
  return followReference(schema, description);
}
