import { templateText, type TextPiece } from "../document/template-text.ts";
import { notTranslated } from "./template/not-translated.ts";

export interface UnlaEndpoint {
  /** Of the upstream; may name a secret. */
  readonly baseUrl: string;
  readonly path: string;
  /** Texts of a document by name. */
  readonly query: Readonly<Record<string, string>>;
}

/** Cuts the pieces of an endpoint's template into base URL, path and query. Each value stays in its part. */
export function splitEndpoint(pieces: readonly TextPiece[], line: number): UnlaEndpoint {
  const merged = merge(pieces);
  const [first, ...rest] = merged;
  if (first === undefined) throw notTranslated("an empty endpoint", line);
  let base: string;
  let target: TextPiece[];
  if (first.kind === "expression") {
    if (!first.source.startsWith("secrets.")) throw notTranslated("an endpoint whose host is filled in", line);
    base = templateText([first]);
    target = rest;
  } else {
    const match = /^(https?:\/\/[^/?#]+)(.*)$/is.exec(first.text);
    const isWhole = match !== null && (match[2] !== "" || rest.length === 0);
    if (!isWhole)
      throw notTranslated(`an endpoint that does not begin with a whole http: or https: address (${first.text})`, line);
    base = match[1] ?? "";
    target = [{ kind: "literal", text: match[2] ?? "" }, ...rest];
  }
  const { before, after } = cutAt(target, "?");
  return { baseUrl: base, path: pathText(before), query: readPairs(after) };
}

function pathText(pieces: readonly TextPiece[]): string {
  const literalsEscaped = pieces.map((piece): TextPiece => {
    return piece.kind === "literal"
      ? { ...piece, text: piece.text.replaceAll("{", "%7B").replaceAll("}", "%7D") }
      : piece;
  });
  // Plain arguments are written as `{name}`, which is what people read more easily.
  const short = literalsEscaped.map((piece): string => {
    const name = piece.kind === "expression" ? /^(?:urlEncode\()?args\.(\w+)\)?$/.exec(piece.source)?.[1] : undefined;
    return name === undefined ? templateText([piece]) : `{${name}}`;
  });
  const path = short.join("");
  return path === "" ? "/" : path;
}

/** The pairs of a query or of a form, as texts of a document: the gateway encodes names and values itself. */
export function readPairs(pieces: readonly TextPiece[]): Record<string, string> {
  const query: Record<string, string> = {};
  let rest = pieces;
  while (rest.length > 0) {
    const { before, after } = cutAt(rest, "&");
    const pair = cutAt(before, "=");
    const name = pair.before.map((piece) => (piece.kind === "literal" ? piece.text : "")).join("");
    if (name !== "") query[decoded(name)] = templateText(pair.after.map(decodedPiece));
    rest = after;
  }
  return query;
}

/** The gateway encodes values itself. */
function decodedPiece(piece: TextPiece): TextPiece {
  if (piece.kind === "literal") return { ...piece, text: decoded(piece.text.replaceAll("+", " ")) };
  const encoded = /^urlEncode\((args\.\w+)\)$/.exec(piece.source)?.[1];
  return encoded === undefined ? piece : { ...piece, source: encoded };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

function cutAt(
  pieces: readonly TextPiece[],
  sign: string,
): { readonly before: TextPiece[]; readonly after: TextPiece[] } {
  for (const [index, piece] of pieces.entries()) {
    const at = piece.kind === "literal" ? piece.text.indexOf(sign) : -1;
    if (piece.kind !== "literal" || at === -1) continue;
    const before = [...pieces.slice(0, index), { ...piece, text: piece.text.slice(0, at) }];
    const after = [{ ...piece, text: piece.text.slice(at + 1) }, ...pieces.slice(index + 1)];
    return { before: before.filter(isFull), after: after.filter(isFull) };
  }
  return { before: pieces.filter(isFull), after: [] };
}

function isFull(piece: TextPiece): boolean {
  return piece.kind === "expression" || piece.text !== "";
}

/** Literal pieces that stand side by side are one. */
function merge(pieces: readonly TextPiece[]): TextPiece[] {
  const merged: TextPiece[] = [];
  for (const piece of pieces) {
    const before = merged.at(-1);
    if (piece.kind === "literal" && before?.kind === "literal") {
      merged[merged.length - 1] = { kind: "literal", text: before.text + piece.text };
    } else merged.push(piece);
  }
  return merged.filter(isFull);
}
