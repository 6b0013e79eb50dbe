/** A JSON object. Its keys may come from a client: never index a plain object of ours by them. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/**
 * Any JSON value. Integers beyond ±(2^53 − 1) are `bigint`, so that an id is never rounded on its
 * way through; every other number is a `number`.
 */
export type JsonValue = null | boolean | number | bigint | string | readonly JsonValue[] | JsonObject;

/** Whether a value is a JSON object (not an array, not null). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Deepest nesting of a JSON value in configuration. */
export const maxConfigDepth = 100;

const scalarTypes: ReadonlySet<string> = new Set(["string", "boolean", "bigint"]);

/**
 * Whether a value consists of nothing but JSON: no `undefined`, no NaN or infinity, no instances,
 * nested at most `maxConfigDepth` deep (so a value with a cycle is none either).
 */
export function isJsonValue(value: unknown, depth = 0): value is JsonValue {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object") return scalarTypes.has(typeof value);
  if (value === null) return true;
  if (depth === maxConfigDepth) return false;
  if (Array.isArray(value)) return value.every((item) => isJsonValue(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.values(value).every((item) => isJsonValue(item, depth + 1));
}
