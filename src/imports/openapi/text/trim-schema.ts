import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import { mapList, mapMembers } from "../upgrade/map-members.ts";
import { schemaKeys, schemaListKeys, schemaMapKeys } from "../upgrade/schema-shape.ts";
import { cleanMarkup } from "./clean-markup.ts";
import { trimText } from "./trim-text.ts";

/** A schema whose descriptions are cleaned and trimmed, at every depth; empty ones are left out. */
export function trimSchema(schema: JsonObject, maxLength: number): JsonObject {
  const trimmed = trim(schema, maxLength);
  return isJsonObject(trimmed) ? trimmed : schema;
}

function trim(value: JsonValue, maxLength: number): JsonValue {
  if (Array.isArray(value)) return mapList(value, (item) => trim(item, maxLength));
  const inner = mapMembers(value, (member, key) => {
    if (key === "description" && typeof member === "string") return trimText(cleanMarkup(member), maxLength);
    if (key === "title" && typeof member === "string") return trimText(cleanMarkup(member), 100);
    if (schemaKeys.has(key)) return trim(member, maxLength);
    if (schemaListKeys.has(key)) return mapList(member, (item) => trim(item, maxLength));
    if (schemaMapKeys.has(key)) return mapMembers(member, (item) => trim(item, maxLength));
    return member;
  });
  if (!isJsonObject(inner) || (inner["description"] !== "" && inner["title"] !== "")) return inner;
  return Object.fromEntries(Object.entries(inner).filter(([key, member]) => !wordKeys.has(key) || member !== ""));
}

const wordKeys: ReadonlySet<string> = new Set(["description", "title"]);
