import { isJsonObject } from "../../../core/json.ts";
import { RefusedOperation } from "../refused-operation.ts";
import type { Draft } from "../schema/conversion.ts";
import { isList } from "../schema/keyword-groups.ts";
import type { SchemaShelf } from "../schema/schema-shelf.ts";

/** A field of a form. */
export interface Field {
  readonly name: string;
  readonly draft: Draft;
  readonly isRequired: boolean;
}

const maxDepth = 8;
const maxFields = 500;
/** Schemas that a form can consist of: those that name others twice, which name others twice, grow without end. */
const maxSchemas = 2_000;

/**
 * The fields of a form: a form is always an object, so alternatives are put together, and what only one of them
 * requires is optional. `undefined` when none are described.
 */
export function readFields(draft: Draft, shelf: SchemaShelf, isBodyRequired: boolean): readonly Field[] | undefined {
  const found = collect(draft, shelf, 0, { left: maxSchemas });
  if (found.properties.size === 0) return undefined;
  if (found.properties.size > maxFields) {
    throw new RefusedOperation("too-many-fields", `The form has more than ${maxFields} fields.`);
  }
  return [...found.properties].map(([name, property]) => {
    return { name, draft: property, isRequired: isBodyRequired && found.required.has(name) };
  });
}

interface Found {
  readonly properties: Map<string, Draft>;
  readonly required: Set<string>;
}

function collect(draft: Draft, shelf: SchemaShelf, depth: number, budget: { left: number }): Found {
  const found: Found = { properties: new Map(), required: new Set() };
  if (!isJsonObject(draft) || depth > maxDepth || budget.left-- <= 0) return found;
  const { $ref, properties, required, allOf } = draft;
  const parts = [...(isList(allOf) ? allOf : [])];
  if (typeof $ref === "string" && shelf.has($ref)) parts.push(shelf.target($ref).draft);
  for (const part of parts) {
    const inner = collect(part, shelf, depth + 1, budget);
    for (const [name, property] of inner.properties) found.properties.set(name, property);
    for (const name of inner.required) found.required.add(name);
  }
  for (const keyword of ["anyOf", "oneOf"]) {
    const alternatives = draft[keyword];
    for (const part of isList(alternatives) ? alternatives : []) {
      for (const [name, property] of collect(part, shelf, depth + 1, budget).properties) {
        if (!found.properties.has(name)) found.properties.set(name, property);
      }
    }
  }
  if (isJsonObject(properties))
    for (const [name, property] of Object.entries(properties)) found.properties.set(name, property);
  if (isList(required)) for (const name of required) if (typeof name === "string") found.required.add(name);
  return found;
}
