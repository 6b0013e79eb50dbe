import { isJsonObject, type JsonValue } from "../../core/json.ts";

/** Whether two values are the same JSON; the order of keys does not count, two absent ones are the same. */
export function sameValue(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (typeof a === "bigint" || typeof b === "bigint") return isSameInteger(a, b);
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = presentKeys(a);
  return (
    keys.length === presentKeys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]))
  );
}

/** The keys that have a value. */
export function presentKeys(object: JsonObjectLike): string[] {
  return Object.keys(object).filter((key) => object[key] !== undefined);
}

/** A member that is the object's own. */
export function memberOf(object: JsonObjectLike, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** An integer beyond 2^53 is a rounded number to those who did not read it from text. */
function isSameInteger(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (typeof a === typeof b) return false;
  return (typeof a === "number" || typeof b === "number") && Number(a) === Number(b);
}

interface JsonObjectLike {
  readonly [key: string]: JsonValue | undefined;
}
