import { Optional } from "@marcbachmann/cel-js";
import { Duration, UnsignedInt } from "@marcbachmann/cel-js/evaluator";
import { isJsonObject, type JsonValue } from "../core/json.ts";
import { ExpressionFault } from "./fault.ts";

/**
 * What an expression gave, as JSON: integers become numbers where a double holds them, bytes base64,
 * timestamps RFC 3339, durations seconds (`1.5s`), an empty optional `undefined`. Parts that are JSON
 * already are not copied. Fails with `ExpressionFault` when there is no JSON for it.
 */
export function toJsonValue(value: unknown): JsonValue | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
      return value;
    case "number":
      if (Number.isFinite(value)) return value;
      throw new ExpressionFault("its value is not a finite number");
    case "bigint":
      return numberOf(value);
    case "object":
      return value === null ? null : objectToJson(value);
    case "function":
    case "symbol":
      throw new ExpressionFault("its value cannot be written as JSON");
  }
}

/** RFC 3339 in UTC, with milliseconds only where there are some. */
export function timestampText(timestamp: Date): string {
  if (Number.isNaN(timestamp.getTime())) throw new ExpressionFault("its timestamp is out of range");
  return timestamp.toISOString().replace(".000Z", "Z");
}

/** Seconds with up to nine decimal places, such as `-1.5s`; the library's own text is wrong below zero. */
export function durationText(duration: Duration): string {
  const nanoseconds = duration.seconds * 1_000_000_000n + BigInt(Math.trunc(duration.nanos));
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const fraction = (size % 1_000_000_000n).toString().padStart(9, "0").replace(/0+$/, "");
  const whole = `${nanoseconds < 0n ? "-" : ""}${size / 1_000_000_000n}`;
  return fraction === "" ? `${whole}s` : `${whole}.${fraction}s`;
}

/**
 * The same value with maps in place of objects. The evaluator asks an object for its `constructor`,
 * which fails on data that has a member of that name; maps have no such weakness.
 */
export function withMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withMaps);
  if (!isJsonObject(value)) return value;
  return new Map(Object.entries(value).map(([key, member]) => [key, withMaps(member)]));
}

function numberOf(value: bigint): number | bigint {
  const double = Number(value);
  return Number.isSafeInteger(double) ? double : value;
}

function objectToJson(value: object): JsonValue | undefined {
  if (Array.isArray(value)) return listToJson(value);
  if (value instanceof Map) return membersToJson([...value].map(([key, member]) => [String(key), member]));
  if (value instanceof Set) return listToJson([...value]);
  if (value instanceof Date) return timestampText(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof UnsignedInt) return numberOf(value.valueOf());
  if (value instanceof Duration) return durationText(value);
  if (value instanceof Optional) return toJsonValue(value.orValue(undefined));
  if (isPlain(value)) return recordToJson(value);
  throw new ExpressionFault("its value cannot be written as JSON");
}

/** Types and namespaces of CEL are objects too, but no data. */
function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function listToJson(list: readonly unknown[]): JsonValue {
  let isSame = true;
  const copy: JsonValue[] = [];
  for (const item of list) {
    const json = toJsonValue(item);
    if (json !== item) isSame = false;
    if (json !== undefined) copy.push(json);
  }
  // Each item is JSON, so the list is.
  return isSame ? (list as readonly JsonValue[]) : copy;
}

function recordToJson(record: Readonly<Record<string, unknown>>): JsonValue {
  for (const key of Object.keys(record)) {
    if (toJsonValue(record[key]) !== record[key]) return membersToJson(Object.entries(record));
  }
  // Each member is JSON, so the object is.
  return record as Readonly<Record<string, JsonValue>>;
}

function membersToJson(members: readonly (readonly [string, unknown])[]): JsonValue {
  const json = members.map(([key, member]) => [key, toJsonValue(member)] as const);
  // `fromEntries` makes own members of all keys; those that are absent were filtered out.
  return Object.fromEntries(json.filter(([, member]) => member !== undefined)) as Readonly<Record<string, JsonValue>>;
}
