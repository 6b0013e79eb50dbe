import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import { isList } from "./keyword-groups.ts";

const shownValues = 10;

/**
 * The shape of a response without what backends do not keep to: values that a description lists, members that
 * are never null, objects without further members, alternatives of which exactly one fits.
 */
export function loosen(members: Record<string, JsonValue>): JsonObject {
  const { type, oneOf, additionalProperties } = members;
  if (type !== undefined) members["type"] = [...new Set([...(isList(type) ? type : [type]), "null"])];
  if (isList(oneOf)) {
    const { anyOf } = members;
    if (isList(anyOf)) members["allOf"] = [...(isList(members["allOf"]) ? members["allOf"] : []), { anyOf: oneOf }];
    else members["anyOf"] = oneOf;
    delete members["oneOf"];
  }
  if (!isJsonObject(additionalProperties) || Object.keys(additionalProperties).length === 0) {
    delete members["additionalProperties"];
  }
  listValues(members);
  return members;
}

/** What values there are is worth knowing; new ones come without notice. */
function listValues(members: Record<string, JsonValue>): void {
  const { enum: values, const: constant } = members;
  delete members["enum"];
  delete members["const"];
  const listed = isList(values) ? values.filter((value) => value !== null) : constant === undefined ? [] : [constant];
  if (listed.length > 0) members["examples"] = listed.slice(0, shownValues);
}
