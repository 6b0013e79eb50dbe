import { isJsonObject, type JsonValue } from "../../../core/json.ts";

type Change = (value: JsonValue, key: string) => JsonValue;

/**
 * An object with each member changed; the same object when nothing is. What is no object comes back as it is.
 * A key `__proto__` stays a key.
 */
export function mapMembers(value: JsonValue, change: Change): JsonValue {
  if (!isJsonObject(value)) return value;
  let isChanged = false;
  const entries = Object.entries(value).map(([key, member]) => {
    const changed = change(member, key);
    isChanged ||= changed !== member;
    return [key, changed] as const;
  });
  return isChanged ? Object.fromEntries(entries) : value;
}

/** A list with each item changed. What is no list comes back as it is. */
export function mapList(value: JsonValue, change: (item: JsonValue) => JsonValue): JsonValue {
  // `Array.isArray` widens a readonly list to any[].
  return Array.isArray(value) ? (value as readonly JsonValue[]).map((item) => change(item)) : value;
}
