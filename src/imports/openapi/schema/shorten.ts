import { isJsonObject, type JsonValue } from "../../../core/json.ts";
import { stringifyJson } from "../../../core/lossless-json.ts";
import type { Draft } from "./conversion.ts";
import { shellOf } from "./schema-shelf.ts";

const depths = [6, 4, 3, 2, 1, 0];
const maxProperties = 200;

/** The first levels of a schema: as many as fit. References are given up with the rest. */
export function shorten(schema: Draft, maxCharacters: number): Draft {
  for (const depth of depths) {
    const short = cut(schema, depth);
    if (stringifyJson(short).length <= maxCharacters) return short;
  }
  return shellOf(schema);
}

function cut(draft: Draft, depth: number): Draft {
  if (!isJsonObject(draft)) return draft;
  const { properties, items, required } = draft;
  const shell = shellOf(draft);
  if (!isJsonObject(shell) || depth === 0) return shell;
  const members: Record<string, JsonValue> = { ...shell };
  if (isJsonObject(properties)) {
    const shown = Object.entries(properties).slice(0, maxProperties);
    members["properties"] = Object.fromEntries(shown.map(([name, member]) => [name, cut(member, depth - 1)]));
    if (required !== undefined) members["required"] = required;
  }
  if (items !== undefined) members["items"] = cut(items, depth - 1);
  return members;
}
