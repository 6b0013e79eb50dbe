import { plainBytes } from "./plain-bytes.ts";

/** Longer values are looked for in parts of this length, so that no part of them is shown at the end of a cut. */
const partLength = 1_024;
/** Shorter ones would be found everywhere once they are encoded. */
const leastEncodedBytes = 4;
const leastEncodedLength = 6;

/** What to look for in the plain bytes of a text to find a value as it is, encoded, in hexadecimal and in base64. */
export function secretNeedles(value: string): Buffer[] {
  const needles = new Map<string, Buffer>();
  const add = (bytes: Buffer): void => {
    if (bytes.length > 0) needles.set(bytes.toString("latin1"), bytes);
  };
  for (let start = 0; start < value.length; start += partLength) {
    const part = value.slice(start, start + partLength);
    for (const spelling of [part, part.toLowerCase(), part.toUpperCase()]) {
      // As it is, and as the bytes of UTF-8 that something has taken for characters.
      for (const text of [spelling, Buffer.from(spelling).toString("latin1")]) {
        add(plainBytes(text, true).bytes);
        add(plainBytes(text, false).bytes);
      }
    }
    for (const encoding of ["utf8", "latin1"] as const) {
      const bytes = Buffer.from(part, encoding);
      if (bytes.length < leastEncodedBytes) continue;
      for (const text of [bytes.toString("hex"), ...base64Spellings(bytes)]) add(plainBytes(text, false).bytes);
    }
  }
  return [...needles.values()];
}

/** What is the same in the base64 of every text that holds these bytes, for the three places where they may begin. */
function base64Spellings(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
    const begin = Math.ceil((offset * 8) / 6);
    const end = Math.floor(((offset + bytes.length) * 8) / 6);
    const certain = encoded.slice(begin, end);
    if (certain.length < leastEncodedLength) return [];
    return [certain, certain.replaceAll("+", "-").replaceAll("/", "_")];
  });
}
