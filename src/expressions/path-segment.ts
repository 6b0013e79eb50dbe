/** Needs neither a check nor encoding: unreserved characters, not beginning with a dot. */
const plainValue = /^[\w~-][\w.~-]*$/;
const controls = /[\0-\x1f\x7f-\x9f]/;
const separators = /[/\\]/;
const encodedByte = /%([0-7][0-9A-Fa-f])/g;
/** How often a value could be decoded on its way; nobody encodes more than that. */
const maxDecodings = 8;

/**
 * Why a value may not stand in a URL path, in words that follow "it"; `undefined` when it may. Looks at
 * the value as it is and as careless decoders on the way would see it.
 */
export function pathValueFault(value: string): string | undefined {
  if (plainValue.test(value)) return undefined;
  let text = value;
  for (let round = 0; round < maxDecodings; round++) {
    const fault = plainFault(text);
    if (fault !== undefined) return fault;
    const decoded = text.replace(encodedByte, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    if (decoded === text) return undefined;
    text = decoded;
  }
  return "is percent-encoded too many times";
}

/** The value as (part of) one path segment (RFC 3986 3.3). It must be well-formed Unicode. */
export function encodeSegment(value: string): string {
  return plainValue.test(value) ? value : encodeURIComponent(value);
}

function plainFault(text: string): string | undefined {
  if (text === "") return "is empty";
  if (text === "." || text === "..") return "would climb in the path";
  if (separators.test(text)) return "holds a path separator";
  if (controls.test(text)) return "holds a control character";
  return undefined;
}
