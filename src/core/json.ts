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
