import type { GoBranch, GoExpression, GoNode, GoNodes } from "./go-ast.ts";
import { type GoPart, type GoToken, splitActions, tokenize } from "./go-tokens.ts";
import { parsePipeline, TokenReader } from "./parse-pipeline.ts";
import { notTranslated } from "./not-translated.ts";

/**
 * Parses a template of Go's text/template: output, variables, if, range, with. `firstLine` is the line of its first
 * character in the document. Throws `unprocessable` with the line for anything else.
 */
export function parseGoTemplate(template: string, firstLine: number): GoNodes {
  const parser = new Parser(splitActions(template, firstLine));
  const nodes = parser.block();
  if (parser.ended !== undefined) throw notTranslated(`\`${parser.ended}\` without its beginning`, parser.line);
  return nodes;
}

class Parser {
  readonly #parts: readonly GoPart[];
  #at = 0;
  /** The word that ended the block before: `end`, `else`, `else if …`; absent at the end of the template. */
  ended: string | undefined;
  line = 0;

  constructor(parts: readonly GoPart[]) {
    this.#parts = parts;
  }

  /** Nodes up to the action that ends them. */
  block(): GoNodes {
    const nodes: GoNode[] = [];
    for (let part = this.#parts[this.#at]; part !== undefined; part = this.#parts[this.#at]) {
      this.#at++;
      this.line = part.line;
      if (part.kind === "text") nodes.push({ kind: "text", text: part.text, line: part.line });
      else if (/^(?:end|else\b.*)$/s.test(part.text)) {
        this.ended = part.text;
        return nodes;
      } else nodes.push(this.#action(part));
    }
    this.ended = undefined;
    return nodes;
  }

  #action({ text, line }: GoPart): GoNode {
    const keyword = /^[a-z]+\b/.exec(text)?.[0];
    const rest = text.slice(keyword?.length ?? 0);
    switch (keyword) {
      case "if":
        return this.#if(rest, line);
      case "range":
        return this.#range(rest, line);
      case "with":
        return this.#with(rest, line);
      case "define":
      case "template":
      case "block":
      case "break":
      case "continue":
        throw notTranslated(`\`${keyword}\``, line);
      default:
        return outputOf(text, line);
    }
  }

  #if(condition: string, line: number): GoNode {
    const branches: GoBranch[] = [{ condition: pipelineOf(condition, line), body: this.block() }];
    let otherwise: GoNodes = [];
    for (let ended = this.#ending(line); ended !== "end"; ended = this.#ending(line)) {
      const elseIf = /^else\s+if\b(.*)$/s.exec(ended)?.[1];
      if (elseIf === undefined) otherwise = this.block();
      else branches.push({ condition: pipelineOf(elseIf, this.line), body: this.block() });
    }
    return { kind: "if", branches, otherwise, line };
  }

  #range(text: string, line: number): GoNode {
    const { variables, value } = declarationOf(text, line);
    const [first, second] = variables;
    const names = second === undefined ? { index: undefined, element: first } : { index: first, element: second };
    const body = this.block();
    return { kind: "range", ...names, list: value, body, otherwise: this.#otherwise(line), line };
  }

  #with(text: string, line: number): GoNode {
    const { variables, value } = declarationOf(text, line);
    const body = this.block();
    return { kind: "with", variable: variables[0], value, body, otherwise: this.#otherwise(line), line };
  }

  #otherwise(line: number): GoNodes {
    const ended = this.#ending(line);
    if (ended === "end") return [];
    if (ended !== "else") throw notTranslated(`\`${ended}\``, this.line);
    const nodes = this.block();
    if (this.#ending(line) !== "end") throw notTranslated("a second `else`", this.line);
    return nodes;
  }

  /** What ended the block; it has to be ended by something. */
  #ending(line: number): string {
    if (this.ended === undefined) throw notTranslated("an action without its `end`", line);
    return this.ended;
  }
}

function outputOf(text: string, line: number): GoNode {
  const { variables, value, isAssigned } = declarationOf(text, line);
  const [variable] = variables;
  if (isAssigned) throw notTranslated("a variable that gets another value", line);
  if (variable === undefined) return { kind: "output", value, line };
  return { kind: "declare", variable, value, line };
}

interface Declaration {
  readonly variables: readonly string[];
  readonly value: GoExpression;
  readonly isAssigned: boolean;
}

/** `$a, $b := pipeline`, `$a = pipeline`, or a pipeline alone. */
function declarationOf(text: string, line: number): Declaration {
  const tokens = tokenize(text, line);
  const sign = tokens.findIndex(({ kind, text }) => kind === "sign" && (text === ":=" || text === "="));
  const names = sign === -1 ? [] : tokens.slice(0, sign).filter(({ kind }) => kind === "variable");
  const reader = new TokenReader(tokens.slice(sign + 1), line);
  const value = parsePipeline(reader);
  reader.requireEnd();
  return { variables: names.map(({ text }: GoToken) => text), value, isAssigned: tokens[sign]?.text === "=" };
}

function pipelineOf(text: string, line: number): GoExpression {
  return declarationOf(text, line).value;
}
