import { isUtf8 } from "node:buffer";
import { AppError } from "../core/errors.ts";
import { parseJson } from "../core/lossless-json.ts";

const quote = 0x22;
const backslash = 0x5c;
/** Objects and arrays inside each other; the call stack and later consumers stay safe below it. */
const maxDepth = 64;
/** Shorter digit runs cannot leave ±(2^53 − 1). */
const longDigitRun = 16;

interface Scan {
  /** All bytes of the text, or-ed: below 0x80 it is ASCII and needs no decoding. */
  bits: number;
  /** Keys of all objects in the text, duplicates counted. */
  keys: number;
  /** A `\u` escape occurs, so a lone surrogate is possible. */
  escapes: boolean;
  /** A number occurs that a double may not hold. */
  longNumbers: boolean;
}

/**
 * Parses one JSON text as strictly as a gateway must: two parsers must never read two different
 * messages from the same bytes. Refused are invalid UTF-8, duplicate keys, lone surrogates, numbers
 * that no double or bigint holds, and more than 64 levels.
 *
 * @throws AppError `parse_error`, with a sentence that says what is wrong.
 */
export function parseStrictJson(body: Buffer): unknown {
  if (body.length === 0) throw new AppError("parse_error", "The body is empty; expected a JSON-RPC message.");
  const scan = scanStructure(body);
  const isAscii = scan.bits < 0x80;
  if (!isAscii && !isUtf8(body)) throw new AppError("parse_error", "The body is not valid UTF-8.");
  const text = isAscii ? body.toString("latin1") : body.toString("utf8");
  let value: unknown;
  try {
    value = scan.longNumbers ? parseJson(text) : JSON.parse(text);
  } catch (error) {
    throw new AppError("parse_error", `The body is not valid JSON: ${reasonOf(error)}.`, { cause: error });
  }
  if (countKeys(value) !== scan.keys) {
    throw new AppError("parse_error", "An object in the body has the same key twice.");
  }
  if (scan.escapes && !isWellFormed(value)) {
    throw new AppError("parse_error", "A string in the body holds half of a surrogate pair.");
  }
  return value;
}

/** One pass over the bytes, before anything is allocated. Well-formedness is left to the parser. */
function scanStructure(body: Buffer): Scan {
  const scan: Scan = { bits: 0, keys: 0, escapes: false, longNumbers: false };
  const length = body.length;
  let depth = 0;
  let digits = 0;
  let bits = 0;
  for (let i = 0; i < length; i++) {
    const byte = body[i] as number; // i < length
    bits |= byte;
    if (byte === quote) {
      i = skipString(body, i + 1, length, scan);
      digits = 0;
    } else if (byte >= 0x30 && byte <= 0x39) {
      if (++digits === longDigitRun) scan.longNumbers = true;
    } else {
      // An exponent can overflow a double: `1e400`. The `e` of true and false follows a letter.
      if (digits > 0 && (byte === 0x65 || byte === 0x45)) scan.longNumbers = true;
      digits = 0;
      if (byte === 0x3a) scan.keys++;
      else if (byte === 0x7b || byte === 0x5b) {
        if (++depth > maxDepth) {
          throw new AppError("parse_error", `The body is nested more than ${maxDepth} levels deep.`);
        }
      } else if (byte === 0x7d || byte === 0x5d) depth--;
    }
  }
  scan.bits |= bits;
  return scan;
}

function skipString(body: Buffer, from: number, length: number, scan: Scan): number {
  let bits = 0;
  let end = from;
  for (; end < length; end++) {
    const byte = body[end] as number; // end < length
    if (byte === quote) break;
    bits |= byte;
    if (byte === backslash) {
      end++;
      bits |= body[end] ?? 0;
      if (body[end] === 0x75) scan.escapes = true;
    }
  }
  scan.bits |= bits;
  return end;
}

function countKeys(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const element of value) {
      if (typeof element === "object" && element !== null) count += countKeys(element);
    }
    return count;
  }
  // Parsed objects inherit no enumerable keys; for-in allocates nothing.
  const object = value as Record<string, unknown>; // not null, not an array
  for (const key in object) {
    count++;
    const member = object[key];
    if (typeof member === "object" && member !== null) count += countKeys(member);
  }
  return count;
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return value.every(isWellFormed);
  return Object.entries(value).every(([key, member]) => key.isWellFormed() && isWellFormed(member));
}

/** V8 quotes the text it failed on; keep the reason, drop the quote. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const position = /at position \d+/.exec(message);
  return position ? `unexpected character ${position[0]}` : "it ends too early or has a character out of place";
}
