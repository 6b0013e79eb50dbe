/** Longer values are looked for in parts of this length, so that no part of them is shown at the end of a cut. */
const partLength = 1_024;
/** Shorter ones would be found everywhere once they are encoded. */
const leastEncodedBytes = 4;
const leastEncodedLength = 6;

/**
 * A regular expression (flags `giu`) for a value as it is, in JSON, percent-encoded (all of it or some), in
 * hexadecimal and in base64, wherever in a longer text the base64 was made. Nothing in it can backtrack far.
 */
export function secretPattern(value: string): string {
  const alternatives: string[] = [];
  const characters = Array.from(value);
  for (let start = 0; start < characters.length; start += partLength) {
    const part = characters.slice(start, start + partLength);
    alternatives.push(part.map(anySpelling).join(""));
    const bytes = Buffer.from(part.join(""));
    if (bytes.length < leastEncodedBytes) continue;
    alternatives.push(bytes.toString("hex"), ...base64Spellings(bytes));
  }
  return alternatives.join("|");
}

function anySpelling(character: string): string {
  const spellings = new Set([escape(character), percentEncoded(character)]);
  const inJson = JSON.stringify(character).slice(1, -1);
  // JSON inside of JSON is escaped again, and so on.
  if (inJson !== character) spellings.add(`\\\\{1,8}${escape(inJson.slice(1))}`);
  for (const unit of character.split("")) {
    if (character.length === 1) spellings.add(`\\\\{1,8}u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  }
  if (character === " ") spellings.add("\\+");
  if (character === "/") spellings.add("\\\\{1,8}/");
  return `(?:${[...spellings].join("|")})`;
}

function percentEncoded(character: string): string {
  return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
}

/** What is the same in the base64 of every text that holds these bytes, for the three places where they may begin. */
function base64Spellings(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
    const begin = Math.ceil((offset * 8) / 6);
    const end = Math.floor(((offset + bytes.length) * 8) / 6);
    const certain = encoded.slice(begin, end);
    if (certain.length < leastEncodedLength) return [];
    return [certain.replaceAll("+", "[+-]").replaceAll("/", "[/_]")];
  });
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
