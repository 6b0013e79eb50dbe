import { AppError } from "./errors.ts";
import type { JsonValue } from "./json.ts";
import { parseWithBigIntegers } from "./lossless-json-parser.ts";

/** Deepest nesting of lists and objects that is read or written. */
export const maxJsonDepth = 512;

/** Sixteen digits in a row are the least that can make an integer beyond ±(2^53 − 1). */
const longDigits = /\d{16}/;

/** An exponent of three or more digits is the least that can overflow a number of few digits. */
const longExponent = /\d[eE]\+?\d{3}/;

/**
 * Reads JSON text (RFC 8259) without rounding: integers beyond ±(2^53 − 1) become `bigint`, all other
 * numbers `number`. A key that comes twice keeps its last value, as with `JSON.parse`.
 * Fails with `SyntaxError` when the text is not JSON or holds a number too large for a double, and with
 * `AppError("parse_error")` when it is nested deeper than `maxJsonDepth`.
 */
export function parseJson(text: string): JsonValue {
  if (longDigits.test(text) || longExponent.test(text)) return parseWithBigIntegers(text, maxJsonDepth);
  checkTextDepth(text);
  // JSON.parse gives nothing but JSON values.
  return JSON.parse(text) as JsonValue;
}

/**
 * Writes a JSON value as JSON text; `bigint` as digits. Members that are `undefined` are left out.
 * Fails with `AppError("internal")` on nesting deeper than `maxJsonDepth`, which includes cycles.
 */
export function stringifyJson(value: JsonValue): string {
  return holdsBigInteger(value, 0) ? write(value) : JSON.stringify(value);
}

/** Counts brackets outside of strings only when there are enough of them to matter. */
function checkTextDepth(text: string): void {
  if (!mayBeDeep(text)) return;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x22) index = endOfString(text, index);
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > maxJsonDepth) throw tooDeep("parse_error");
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
}

/** Whether the text holds more opening brackets than the depth allows; a cheap search decides most texts. */
function mayBeDeep(text: string): boolean {
  if (text.length <= maxJsonDepth * 2) return false;
  let count = 0;
  for (const bracket of ["[", "{"]) {
    for (let index = text.indexOf(bracket); index !== -1; index = text.indexOf(bracket, index + 1)) {
      if (++count > maxJsonDepth) return true;
    }
  }
  return false;
}

/** Index of the quote that closes the string that opens at `start`; the text's end when none does. */
function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x22) return index;
    if (code === 0x5c) index++;
  }
  return text.length;
}

function holdsBigInteger(value: JsonValue | undefined, depth: number): boolean {
  if (typeof value === "bigint") return true;
  if (typeof value !== "object" || value === null) return false;
  if (depth >= maxJsonDepth) throw tooDeep("internal");
  if (isList(value)) return value.some((item) => holdsBigInteger(item, depth + 1));
  for (const key in value) {
    if (holdsBigInteger(value[key], depth + 1)) return true;
  }
  return false;
}

/** Writes a value that holds large integers; parts near the root that hold none are left to `JSON.stringify`. */
function write(value: JsonValue, depth = 0): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (depth >= maxJsonDepth) throw tooDeep("internal");
  // Only near the root: looking ahead at every depth would take time in the square of the depth.
  if (depth > 0 && depth < 4 && !holdsBigInteger(value, depth)) return JSON.stringify(value);
  if (isList(value)) return `[${value.map((item) => write(item ?? null, depth + 1)).join(",")}]`;
  const members: string[] = [];
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${write(member, depth + 1)}`);
  }
  return `{${members.join(",")}}`;
}

/** `Array.isArray` does not narrow a readonly array out of a union. */
function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function tooDeep(code: "parse_error" | "internal"): AppError {
  return new AppError(code, `The JSON is nested deeper than ${maxJsonDepth} levels.`);
}
