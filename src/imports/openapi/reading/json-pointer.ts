import { isJsonObject, type JsonValue } from "../../../core/json.ts";

/** The pointer (RFC 6901) to a member of what `pointer` points to. */
export function pointerTo(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** The keys of a pointer; the empty pointer has none. */
export function pointerKeys(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The own member of an object, or the item of a list; keys of prototypes are no members. */
export function memberOf(value: JsonValue | undefined, key: string | number): JsonValue | undefined {
  if (Array.isArray(value)) {
    // `Array.isArray` widens a readonly list to any[].
    return /^(?:0|[1-9]\d*)$/.test(String(key)) ? (value as readonly JsonValue[])[Number(key)] : undefined;
  }
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** What a pointer leads to; `undefined` when it leads nowhere. */
export function valueAt(root: JsonValue, pointer: string): JsonValue | undefined {
  let value: JsonValue | undefined = root;
  for (const key of pointerKeys(pointer)) {
    value = memberOf(value, key);
    if (value === undefined) return undefined;
  }
  return value;
}
