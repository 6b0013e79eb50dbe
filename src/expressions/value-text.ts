import type { JsonValue } from "../core/json.ts";
import { stringifyJson } from "../core/lossless-json.ts";

/** A value as it is written into a text: nothing for null and absent, JSON for lists and objects. */
export function textOf(value: JsonValue | undefined): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return textOfNumber(value);
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? stringifyJson(value) : String(value);
}

/** Integers in digits, however large; everything else as JSON has it. */
export function textOfNumber(value: number): string {
  const hasExponent = Math.abs(value) >= 1e21 && Number.isInteger(value);
  return hasExponent ? BigInt(value).toString() : String(value === 0 ? 0 : value);
}
