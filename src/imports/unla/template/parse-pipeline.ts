import type { GoExpression } from "./go-ast.ts";
import type { GoToken } from "./go-tokens.ts";
import { notTranslated } from "./not-translated.ts";

/** Tokens of one action, read one after the other. */
export class TokenReader {
  readonly #tokens: readonly GoToken[];
  readonly line: number;
  #at = 0;

  constructor(tokens: readonly GoToken[], line: number) {
    this.#tokens = tokens;
    this.line = line;
  }

  peek(): GoToken | undefined {
    return this.#tokens[this.#at];
  }

  take(): GoToken | undefined {
    return this.#tokens[this.#at++];
  }

  /** Takes the sign if it is the next token. */
  takeSign(sign: string): boolean {
    const next = this.peek();
    const isThere = next?.kind === "sign" && next.text === sign;
    if (isThere) this.#at++;
    return isThere;
  }

  requireEnd(): void {
    const next = this.peek();
    if (next !== undefined) throw notTranslated(`\`${next.text}\` in this place`, this.line);
  }
}

/** `a b | c d`: the value before a bar is the last argument of the call behind it. */
export function parsePipeline(reader: TokenReader): GoExpression {
  let value = parseCommand(reader);
  while (reader.takeSign("|")) {
    const next = parseCommand(reader);
    if (next.kind !== "call") throw notTranslated("a pipeline into what is no function", reader.line);
    value = { kind: "call", name: next.name, args: [...next.args, value] };
  }
  return value;
}

function parseCommand(reader: TokenReader): GoExpression {
  const first = reader.peek();
  if (first === undefined) throw notTranslated("an empty action", reader.line);
  if (first.kind !== "word" || constants.has(first.text)) return parseOperand(reader);
  reader.take();
  const args: GoExpression[] = [];
  for (let next = reader.peek(); next !== undefined && !isEnd(next); next = reader.peek())
    args.push(parseOperand(reader));
  return { kind: "call", name: first.text, args };
}

function isEnd({ kind, text }: GoToken): boolean {
  return kind === "sign" && (text === "|" || text === ")");
}

const constants: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["false", false],
  ["nil", null],
]);

function parseOperand(reader: TokenReader): GoExpression {
  const token = reader.take();
  if (token === undefined) throw notTranslated("an action that ends too early", reader.line);
  switch (token.kind) {
    case "string":
      return { kind: "literal", value: token.text };
    case "number":
      return { kind: "literal", value: Number(token.text) };
    case "word": {
      const constant = constants.get(token.text);
      return constant === undefined
        ? { kind: "call", name: token.text, args: [] }
        : { kind: "literal", value: constant };
    }
    case "field":
      return { kind: "field", base: undefined, path: [token.text, ...fieldsOf(reader)] };
    case "variable":
      return { kind: "field", base: token.text, path: fieldsOf(reader) };
    case "sign":
      if (token.text === ".") return { kind: "field", base: undefined, path: [] };
      if (token.text !== "(") throw notTranslated(`\`${token.text}\` in this place`, reader.line);
      return parseParenthesis(reader);
  }
}

function parseParenthesis(reader: TokenReader): GoExpression {
  const value = parsePipeline(reader);
  if (!reader.takeSign(")")) throw notTranslated("a `(` without its `)`", reader.line);
  const path = fieldsOf(reader);
  return path.length === 0 ? value : { kind: "field", base: value, path };
}

/** The fields that stand right behind a value. */
function fieldsOf(reader: TokenReader): string[] {
  const path: string[] = [];
  for (let next = reader.peek(); next?.kind === "field" && next.isAttached; next = reader.peek()) {
    path.push(next.text);
    reader.take();
  }
  return path;
}
