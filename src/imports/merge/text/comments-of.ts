import { Lexer } from "yaml";

/** What the lexer of `yaml` puts before the text of a scalar. */
const scalarMark = "\u001f";

/** The comments of a YAML text in their order, each from its `#` to the end of the line. */
export function commentsOf(text: string): string[] {
  const comments: string[] = [];
  let isScalar = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (!isScalar && lexeme.startsWith("#")) comments.push(lexeme.trimEnd());
    isScalar = lexeme === scalarMark;
  }
  return comments;
}
