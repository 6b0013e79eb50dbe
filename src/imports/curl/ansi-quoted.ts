/** What stands in `$'…'`, and the index behind its closing quote. */
interface AnsiQuoted {
  readonly text: string;
  readonly end: number;
}

const simpleEscapes: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  e: "\u001b",
  E: "\u001b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "?": "?",
};

const escape =
  /\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|c([^])|([^]))|(')|[^\\']+/uy;

/** Reads the inside of `$'…'` from `start` (behind the quote) as bash does; absent when it is not closed. */
export function readAnsiQuoted(text: string, start: number): AnsiQuoted | undefined {
  let bytes: number[] = [];
  let result = "";
  /** `\xHH` and octal escapes are bytes: several of them make one character of UTF-8. */
  const flush = (): void => {
    if (bytes.length > 0) result += new TextDecoder().decode(Uint8Array.from(bytes));
    bytes = [];
  };
  escape.lastIndex = start;
  for (let match = escape.exec(text); match !== null; match = escape.exec(text)) {
    const [whole, octal, hex, short, long, control, other, closing] = match;
    const byte = octal === undefined ? hex && Number.parseInt(hex, 16) : Number.parseInt(octal, 8) & 0xff;
    if (typeof byte === "number") {
      bytes.push(byte);
      continue;
    }
    flush();
    if (closing !== undefined) return { text: result, end: escape.lastIndex };
    const codePoint = short ?? long;
    if (codePoint !== undefined) result += fromCodePoint(Number.parseInt(codePoint, 16));
    else if (control !== undefined) result += String.fromCharCode(control.charCodeAt(0) & 0x1f);
    else if (other !== undefined) result += simpleEscapes[other] ?? whole;
    else result += whole;
  }
  return undefined;
}

function fromCodePoint(codePoint: number): string {
  return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : "\ufffd";
}
