/** A text without its escapes, and where each byte of that stands in the text. */
export interface PlainBytes {
  readonly bytes: Buffer;
  /** Index of the character, or of the beginning of the escape, that each byte comes from; one more for the end. */
  readonly positions: Int32Array;
}

const backslash = 0x5c;
const percent = 0x25;
const ampersand = 0x26;
const letterU = 0x75;

/** Control characters as the letters that JSON escapes them by: backslashes are left out on both sides. */
const controls: ReadonlyMap<number, number> = new Map([
  [0x08, 0x62],
  [0x09, 0x74],
  [0x0a, 0x6e],
  [0x0c, 0x66],
  [0x0d, 0x72],
]);

const entities: readonly (readonly [text: string, byte: number])[] = [
  ["&amp;", 0x26],
  ["&quot;", 0x22],
  ["&#34;", 0x22],
  ["&#39;", 0x27],
  ["&#x27;", 0x27],
  ["&apos;", 0x27],
  ["&lt;", 0x3c],
  ["&gt;", 0x3e],
  ["&#x2f;", 0x2f],
];

/**
 * Writes a text so that the same value is the same bytes in whatever spelling it stands: as it is, in JSON (also in
 * JSON within JSON), percent-encoded, as form data, in HTML, in another case. Different values may become the same,
 * which does no harm: too much is masked. Characters up to U+00FF are their byte, others UTF-8, so that UTF-8 that was
 * taken for Latin-1 is itself again. In one pass, in time proportional to the text.
 *
 * @param decodesPercent `%2F` is one byte
 */
export function plainBytes(text: string, decodesPercent: boolean): PlainBytes {
  const writer = new Writer(text.length);
  for (let i = 0; i < text.length; ) {
    const code = text.charCodeAt(i);
    let length = 1;
    if (code === backslash) length = readBackslash(text, i, writer);
    else if (code === percent && decodesPercent) length = readPercent(text, i, writer);
    else if (code === ampersand) length = readEntity(text, i, writer);
    else if (code > 0xff) length = readWide(text, i, writer);
    else writer.put(code, i);
    i += length;
  }
  return writer.finish(text.length);
}

/** Leaves backslashes out; those before `u` and four digits are the character that they name. */
function readBackslash(text: string, start: number, writer: Writer): number {
  let end = start + 1;
  while (text.charCodeAt(end) === backslash) end++;
  if ((text.charCodeAt(end) | 0x20) !== letterU) return end - start;
  const code = readHex(text, end + 1, 4);
  if (code === undefined) return end - start;
  if (code <= 0xff) writer.put(code, start);
  else for (const byte of Buffer.from(String.fromCharCode(code))) writer.put(byte, start);
  return end + 5 - start;
}

function readPercent(text: string, start: number, writer: Writer): number {
  const code = readHex(text, start + 1, 2);
  writer.put(code ?? percent, start);
  return code === undefined ? 1 : 3;
}

function readEntity(text: string, start: number, writer: Writer): number {
  const found = entities.find(([entity]) => text.startsWith(entity, start));
  writer.put(found?.[1] ?? ampersand, start);
  return found?.[0].length ?? 1;
}

function readWide(text: string, start: number, writer: Writer): number {
  const character = String.fromCodePoint(text.codePointAt(start) ?? 0);
  for (const byte of Buffer.from(character)) writer.put(byte, start);
  return character.length;
}

/** Undefined when there are not so many digits. */
function readHex(text: string, start: number, digits: number): number | undefined {
  let value = 0;
  for (let i = start; i < start + digits; i++) {
    const digit = hexDigit(text.charCodeAt(i));
    if (digit === undefined) return undefined;
    value = value * 16 + digit;
  }
  return value;
}

function hexDigit(code: number): number | undefined {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : undefined;
}

class Writer {
  #bytes: Buffer;
  #positions: Int32Array;
  #length = 0;

  constructor(characters: number) {
    this.#bytes = Buffer.allocUnsafe(characters + 8);
    this.#positions = new Int32Array(characters + 9);
  }

  put(byte: number, position: number): void {
    if (this.#length + 1 >= this.#bytes.length) this.#grow();
    this.#bytes[this.#length] = fold(byte);
    this.#positions[this.#length++] = position;
  }

  finish(end: number): PlainBytes {
    this.#positions[this.#length] = end;
    return {
      bytes: this.#bytes.subarray(0, this.#length),
      positions: this.#positions.subarray(0, this.#length + 1),
    };
  }

  #grow(): void {
    const bytes = Buffer.allocUnsafe(this.#bytes.length * 2);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    const positions = new Int32Array(bytes.length + 1);
    positions.set(this.#positions);
    this.#positions = positions;
  }
}

/** Small letters, spaces for what forms write instead of them, and letters for control characters. */
function fold(byte: number): number {
  if (byte >= 0x41 && byte <= 0x5a) return byte | 0x20;
  if (byte < 0x20) return controls.get(byte) ?? byte;
  return byte === 0x2b ? 0x20 : byte;
}
