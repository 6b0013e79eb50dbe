/** A text of a document, cut into literal text and the sources of its expressions. */
export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  /** `at` is the index of the source's first character in the whole text. */
  | { readonly kind: "expression"; readonly source: string; readonly at: number };

export interface SplitTemplate {
  readonly parts: readonly TemplatePart[];
  /** Index of a `${` that is never closed; the parts are then incomplete. */
  readonly unclosedAt?: number;
}

/**
 * Cuts `a ${x} b` into its parts. `$${` is a literal `${`. Braces inside an expression's strings,
 * comments and maps do not end it. Linear in the text.
 */
export function splitTemplate(text: string): SplitTemplate {
  const parts: TemplatePart[] = [];
  let literal = "";
  let at = 0;
  for (let open = text.indexOf("${"); open !== -1; open = text.indexOf("${", at)) {
    if (text.charAt(open - 1) === "$" && open > at) {
      literal += `${text.slice(at, open - 1)}\${`;
      at = open + 2;
      continue;
    }
    const close = closingBrace(text, open + 2);
    if (close === -1) return { parts, unclosedAt: open };
    literal += text.slice(at, open);
    if (literal !== "") parts.push({ kind: "text", text: literal });
    literal = "";
    parts.push({ kind: "expression", source: text.slice(open + 2, close), at: open + 2 });
    at = close + 1;
  }
  literal += text.slice(at);
  if (literal !== "") parts.push({ kind: "text", text: literal });
  return { parts };
}

/** Index of the `}` that closes the expression that begins at `start`, or -1. */
function closingBrace(text: string, start: number): number {
  let depth = 0;
  for (let index = start; index < text.length; index++) {
    const character = text.charAt(index);
    if (character === "{") depth++;
    else if (character === "}" && depth-- === 0) return index;
    else if (character === '"' || character === "'") {
      index = endOfString(text, index, character);
      if (index === -1) return -1;
    } else if (character === "/" && text.charAt(index + 1) === "/") {
      index = text.indexOf("\n", index);
      if (index === -1) return -1;
    }
  }
  return -1;
}

/** Index of the last quote of the CEL string (single or triple quoted) that opens at `start`, or -1. */
function endOfString(text: string, start: number, quote: string): number {
  const triple = quote.repeat(3);
  const delimiter = text.startsWith(triple, start) ? triple : quote;
  for (let index = start + delimiter.length; index < text.length; index++) {
    if (text.charAt(index) === "\\") index++;
    else if (text.startsWith(delimiter, index)) return index + delimiter.length - 1;
  }
  return -1;
}
