/** A piece of a JSON text: `text.slice(start, end)`. */
export interface JsonSpan {
  readonly start: number;
  readonly end: number;
}

/** A member of an object: its key, decoded, and its value's place. */
export interface MemberSpan extends JsonSpan {
  readonly key: string;
  /** Where the key's opening quote is. */
  readonly keyStart: number;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * The members of an object in their order, so that one of them can be cut out of the text as it was
 * written. Of the text it must be known that it is valid JSON of an object. Undefined when a key comes
 * twice: which of both values counts would be a guess.
 */
export function memberSpans(text: string): readonly MemberSpan[] | undefined {
  const members: MemberSpan[] = [];
  const keys = new KeySet();
  let at = skipTo(text, openBrace, 0) + 1;
  for (;;) {
    const keyStart = skipWhitespace(text, at);
    if (text.charCodeAt(keyStart) !== quote) return members; // the closing brace of `{}`
    const keyEnd = endOfString(text, keyStart);
    const key = readKey(text, keyStart, keyEnd);
    if (!keys.add(key)) return undefined;
    const start = skipWhitespace(text, skipTo(text, colon, keyEnd) + 1);
    const end = endOfValue(text, start);
    members.push({ key, keyStart, start, end });
    at = skipWhitespace(text, end);
    if (text.charCodeAt(at) !== comma) return members;
    at++;
  }
}

/** The elements of an array in their order. Of the text it must be known that it is valid JSON of an array. */
export function elementSpans(text: string): readonly JsonSpan[] {
  const elements: JsonSpan[] = [];
  let start = skipWhitespace(text, skipTo(text, openBracket, 0) + 1);
  if (text.charCodeAt(start) === closeBracket) return elements;
  for (;;) {
    const end = endOfValue(text, start);
    elements.push({ start, end });
    const at = skipWhitespace(text, end);
    if (text.charCodeAt(at) !== comma) return elements;
    start = skipWhitespace(text, at + 1);
  }
}

/** The keys seen so far: a list while they are few, which is nearly always and makes no garbage. */
class KeySet {
  readonly #few: string[] = [];
  #many: Set<string> | undefined;

  /** False when the key is there already. */
  add(key: string): boolean {
    if (this.#many === undefined) {
      if (this.#few.includes(key)) return false;
      this.#few.push(key);
      if (this.#few.length === 16) this.#many = new Set(this.#few);
      return true;
    }
    if (this.#many.has(key)) return false;
    this.#many.add(key);
    return true;
  }
}

/** Two spellings of one key are one key: escapes are decoded before anything is compared. */
function readKey(text: string, start: number, end: number): string {
  const plain = text.slice(start + 1, end - 1);
  // A string literal of valid JSON parses to a string.
  return plain.includes("\\") ? (JSON.parse(text.slice(start, end)) as string) : plain;
}

function endOfValue(text: string, start: number): number {
  switch (text.charCodeAt(start)) {
    case quote:
      return endOfString(text, start);
    case openBrace:
    case openBracket:
      return endOfContainer(text, start);
    default:
      return endOfScalar(text, start);
  }
}

/** Index after the quote that closes the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end;
    while (text.charCodeAt(before - 1) === backslash) before--;
    // Backslashes escape each other in pairs; an odd one escapes the quote.
    if ((end - before) % 2 === 0) return end + 1;
  }
  return text.length;
}

function endOfContainer(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = endOfString(text, at);
      continue;
    }
    at++;
    if (code === openBrace || code === openBracket) depth++;
    else if ((code === closeBrace || code === closeBracket) && --depth === 0) return at;
  }
  return at;
}

/** A number, `true`, `false` or `null`. */
function endOfScalar(text: string, start: number): number {
  let at = start;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === comma || code === closeBrace || code === closeBracket || isWhitespace(code)) break;
  }
  return at;
}

function skipTo(text: string, code: number, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) !== code) at++;
  return at;
}

function skipWhitespace(text: string, from: number): number {
  let at = from;
  while (isWhitespace(text.charCodeAt(at))) at++;
  return at;
}

function isWhitespace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}
