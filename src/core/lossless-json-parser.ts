import { AppError } from "./errors.ts";
import type { JsonValue } from "./json.ts";

const numberPattern = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;

/** Parsing state: the text and how far it is read. */
interface Cursor {
  readonly text: string;
  readonly maxDepth: number;
  at: number;
}

/**
 * The strict JSON parser behind `parseJson`, for texts with numbers that `JSON.parse` would round.
 * Fails with `SyntaxError`, or with `AppError("parse_error")` beyond `maxDepth`.
 */
export function parseWithBigIntegers(text: string, maxDepth: number): JsonValue {
  const cursor: Cursor = { text, maxDepth, at: 0 };
  const value = readValue(cursor, 0);
  skipWhitespace(cursor);
  if (cursor.at < text.length) throw unexpected(cursor);
  return value;
}

function readValue(cursor: Cursor, depth: number): JsonValue {
  skipWhitespace(cursor);
  switch (cursor.text.charAt(cursor.at)) {
    case "{":
      return readObject(cursor, depth + 1);
    case "[":
      return readList(cursor, depth + 1);
    case '"':
      return readString(cursor);
    case "t":
      return readWord(cursor, "true", true);
    case "f":
      return readWord(cursor, "false", false);
    case "n":
      return readWord(cursor, "null", null);
    default:
      return readNumber(cursor);
  }
}

function readObject(cursor: Cursor, depth: number): JsonValue {
  enter(cursor, depth);
  const object: Record<string, JsonValue> = {};
  if (take(cursor, "}")) return object;
  do {
    skipWhitespace(cursor);
    if (cursor.text.charAt(cursor.at) !== '"') throw unexpected(cursor);
    const key = readString(cursor);
    if (!take(cursor, ":")) throw unexpected(cursor);
    const value = readValue(cursor, depth);
    // A plain assignment would change the prototype, not make a member.
    if (key === "__proto__") {
      Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
    } else object[key] = value;
  } while (take(cursor, ","));
  if (!take(cursor, "}")) throw unexpected(cursor);
  return object;
}

function readList(cursor: Cursor, depth: number): JsonValue {
  enter(cursor, depth);
  const list: JsonValue[] = [];
  if (take(cursor, "]")) return list;
  do list.push(readValue(cursor, depth));
  while (take(cursor, ","));
  if (!take(cursor, "]")) throw unexpected(cursor);
  return list;
}

/** Most strings are taken as they stand; `JSON.parse` decodes and checks those with escapes. */
function readString(cursor: Cursor): string {
  const { text, at: start } = cursor;
  let isEscaped = false;
  for (let index = start + 1; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x22) {
      cursor.at = index + 1;
      // The text begins and ends with a quote: it is a string or a SyntaxError.
      return isEscaped ? (JSON.parse(text.slice(start, index + 1)) as string) : text.slice(start + 1, index);
    }
    if (code < 0x20) {
      cursor.at = index;
      throw unexpected(cursor);
    }
    if (code === 0x5c) {
      isEscaped = true;
      index++;
    }
  }
  cursor.at = text.length;
  throw unexpected(cursor);
}

function readNumber(cursor: Cursor): number | bigint {
  numberPattern.lastIndex = cursor.at;
  const match = numberPattern.exec(cursor.text);
  if (match === null) throw unexpected(cursor);
  const [digits, fraction, exponent] = match;
  const value = Number(digits);
  if (!Number.isFinite(value)) throw new SyntaxError(`Number too large in JSON at position ${cursor.at}`);
  cursor.at += digits.length;
  const isInteger = fraction === undefined && exponent === undefined;
  return isInteger && !Number.isSafeInteger(value) ? BigInt(digits) : value;
}

function readWord<T>(cursor: Cursor, word: string, value: T): T {
  if (!cursor.text.startsWith(word, cursor.at)) throw unexpected(cursor);
  cursor.at += word.length;
  return value;
}

function enter(cursor: Cursor, depth: number): void {
  if (depth > cursor.maxDepth) {
    throw new AppError("parse_error", `The JSON is nested deeper than ${cursor.maxDepth} levels.`);
  }
  cursor.at++;
}

/** Reads `character`, with whitespace before it, when it is next. */
function take(cursor: Cursor, character: string): boolean {
  skipWhitespace(cursor);
  if (cursor.text.charAt(cursor.at) !== character) return false;
  cursor.at++;
  return true;
}

function skipWhitespace(cursor: Cursor): void {
  const { text } = cursor;
  let code = text.charCodeAt(cursor.at);
  while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = text.charCodeAt(++cursor.at);
}

function unexpected(cursor: Cursor): SyntaxError {
  if (cursor.at >= cursor.text.length) return new SyntaxError("Unexpected end of JSON input");
  return new SyntaxError(`Unexpected character in JSON at position ${cursor.at}`);
}
