import { isJsonObject } from "../../../core/json.ts";
import type { Description, Located } from "../description.ts";
import { followReference } from "../follow-reference.ts";
import { isList } from "./keyword-groups.ts";

/** Names of properties that a schema describes or requires, itself or by the schemas that it consists of. */
export function mentionedProperties(schema: Located, description: Description): ReadonlySet<string> {
  const names = new Set<string>();
  const seen = new Set<unknown>();
  const waiting = [schema];
  for (let at = waiting.pop(); at !== undefined && seen.size < maxSchemas; at = waiting.pop()) {
    const { value } = at;
    if (!isJsonObject(value) || seen.has(value)) continue;
    seen.add(value);
    const { properties, required } = value;
    if (isJsonObject(properties)) for (const name of Object.keys(properties)) names.add(name);
    if (isList(required)) for (const name of required) if (typeof name === "string") names.add(name);
    waiting.push(...parts(at, description));
  }
  return names;
}

/** What lies behind more schemas than these is taken for not mentioned; it is looked for again and again. */
const maxSchemas = 500;

function parts(schema: Located, description: Description): readonly Located[] {
  const found: Located[] = [];
  for (const keyword of ["allOf", "anyOf", "oneOf"]) {
    const list = description.child(schema, keyword);
    if (list === undefined || !isList(list.value)) continue;
    for (const index of list.value.keys()) {
      const member = description.child(list, index);
      if (member !== undefined) found.push(member);
    }
  }
  if (isJsonObject(schema.value) && typeof schema.value["$ref"] === "string") {
    const target = followReference(schema, description);
    if (target !== undefined) found.push(target);
  }
  return found;
}
