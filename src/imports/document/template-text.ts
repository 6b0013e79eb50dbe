/** A piece of a text of a document. */
export type TextPiece =
  | { readonly kind: "literal"; readonly text: string }
  /** `source` is CEL. */
  | { readonly kind: "expression"; readonly source: string };

/** A text that means itself: what would begin an expression is escaped. */
export function literalText(text: string): string {
  // A function, because `$$` in a replacement is one dollar sign.
  return text.replaceAll("${", () => "$${");
}

/** The text of a document that is made of these pieces. */
export function templateText(pieces: readonly TextPiece[]): string {
  let text = "";
  for (const piece of pieces) {
    if (piece.kind === "literal") text += literalText(piece.text);
    // A dollar sign right before an expression would make a literal of it.
    else text = `${text.endsWith("$") ? `${text.slice(0, -1)}\${"$"}` : text}\${${piece.source}}`;
  }
  return text;
}
