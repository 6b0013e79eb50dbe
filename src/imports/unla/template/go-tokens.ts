import { notTranslated } from "./not-translated.ts";

/** A text between actions, or what stands between `{{` and `}}`. */
export interface GoPart {
  readonly kind: "text" | "action";
  readonly text: string;
  readonly line: number;
}

const action =
  /\{\{(- )?((?:"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'|\/\*[^]*?\*\/|(?!\}\})(?! -\}\})[^])*?)( -)?\}\}/g;

/** Cuts a template at its actions; `{{-` and `-}}` take the white space beside them away, comments go. */
export function splitActions(template: string, firstLine: number): GoPart[] {
  const parts: GoPart[] = [];
  let at = 0;
  let line = firstLine;
  let isTrimmed = false;
  const addText = (raw: string, trimsEnd: boolean): void => {
    const start = isTrimmed ? raw.trimStart() : raw;
    const text = trimsEnd ? start.trimEnd() : start;
    const skipped = raw.slice(0, raw.length - start.length);
    if (text !== "") parts.push({ kind: "text", text, line: line + lineBreaks(skipped) });
    line += lineBreaks(raw);
  };
  for (const match of template.matchAll(action)) {
    addText(template.slice(at, match.index), match[1] !== undefined);
    const inner = (match[2] ?? "").trim();
    if (!inner.startsWith("/*")) parts.push({ kind: "action", text: inner, line });
    line += lineBreaks(match[0]);
    at = match.index + match[0].length;
    isTrimmed = match[3] !== undefined;
  }
  const rest = template.slice(at);
  if (rest.includes("{{"))
    throw notTranslated("an action is never closed by }}", line + lineBreaks(rest.slice(0, rest.indexOf("{{"))));
  addText(rest, false);
  return parts;
}

function lineBreaks(text: string): number {
  return text.split("\n").length - 1;
}

export interface GoToken {
  readonly kind: "string" | "number" | "field" | "variable" | "word" | "sign";
  readonly text: string;
  /** No white space stands before it. */
  readonly isAttached: boolean;
}

const token =
  /(\s*)(?:("(?:[^"\\]|\\.)*"|`[^`]*`)|('(?:[^'\\]|\\.)*')|([-+]?(?:0[xX][0-9a-fA-F_]+|\d[\d_]*\.?\d*(?:[eE][-+]?\d+)?))|(\.[A-Za-z_]\w*)|(\$\w*)|([A-Za-z_]\w*)|(:=|[|(),=.]))/y;

/** The tokens of an action. */
export function tokenize(text: string, line: number): GoToken[] {
  const tokens: GoToken[] = [];
  token.lastIndex = 0;
  for (let end = 0; end < text.trimEnd().length; end = token.lastIndex) {
    token.lastIndex = end;
    const match = token.exec(text);
    if (match === null) throw notTranslated(`\`${text}\` cannot be read`, line);
    const [, space = "", string, character, number, field, variable, word, sign = ""] = match;
    const isAttached = space === "";
    if (string !== undefined) tokens.push({ kind: "string", text: unquoted(string), isAttached });
    else if (character !== undefined) throw notTranslated(`the character constant ${character}`, line);
    else if (number !== undefined) tokens.push({ kind: "number", text: number.replaceAll("_", ""), isAttached });
    else if (field !== undefined) tokens.push({ kind: "field", text: field.slice(1), isAttached });
    else if (variable !== undefined) tokens.push({ kind: "variable", text: variable, isAttached });
    else if (word !== undefined) tokens.push({ kind: "word", text: word, isAttached });
    else tokens.push({ kind: "sign", text: sign, isAttached });
  }
  return tokens;
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\u0007", b: "\b", f: "\f", v: "\v" };

/** The value of a Go string: in backticks as it is, in quotes with its escapes. */
function unquoted(source: string): string {
  if (source.startsWith("`")) return source.slice(1, -1);
  return source
    .slice(1, -1)
    .replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([^]))/g, (_, hex?: string, unicode?: string, other = "") => {
      const code = hex ?? unicode;
      return code === undefined ? (escapes[other] ?? other) : String.fromCharCode(Number.parseInt(code, 16));
    });
}
