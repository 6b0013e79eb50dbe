import { ParseError, TypeError as CelTypeError } from "@marcbachmann/cel-js";
import { writtenName } from "./cel-refinement.ts";
import { type CompileScope, variables } from "./scope.ts";
import { nearest } from "../core/nearest.ts";

/** What is wrong with an expression. `index` counts in its source. */
export interface ExpressionProblem {
  readonly index: number;
  /** Completes "is wrong at character 5: …". */
  readonly reason: string;
  readonly mend?: string;
}

/** Names of the library's tokens, as people write them. */
const tokens: ReadonlyMap<string, string> = new Map([
  ["EOF", "the end"],
  ["LPAREN", '"("'],
  ["RPAREN", '")"'],
  ["LBRACKET", '"["'],
  ["RBRACKET", '"]"'],
  ["LBRACE", '"{"'],
  ["RBRACE", '"}"'],
  ["IDENTIFIER", "a name"],
  ["NUMBER", "a number"],
  ["STRING", "a string"],
  ["BYTES", "bytes"],
  ["BOOLEAN", "a boolean"],
  ["NULL", "null"],
  ["COLON", '":"'],
  ["COMMA", '","'],
  ["DOT", '"."'],
  ["QUESTION", '"?"'],
  ["PLUS", '"+"'],
  ["MINUS", '"-"'],
  ["MULTIPLY", '"*"'],
  ["DIVIDE", '"/"'],
  ["MODULO", '"%"'],
  ["EQ", '"=="'],
  ["NE", '"!="'],
  ["LT", '"<"'],
  ["LE", '"<="'],
  ["GT", '">"'],
  ["GE", '">="'],
  ["AND", '"&&"'],
  ["OR", '"||"'],
  ["NOT", '"!"'],
  ["IN", '"in"'],
]);

/** What the parser or the type check says, as a problem. Other errors are thrown on. */
export function problemOf(error: unknown, source: string, scope: CompileScope): ExpressionProblem {
  // The parser is recursive; signs such as `-` are not counted by its bound on depth.
  if (error instanceof RangeError) return { index: 0, reason: "it is nested too deeply" };
  if (!(error instanceof ParseError) && !(error instanceof CelTypeError)) throw error;
  const index = error.range?.start ?? 0;
  if (error.code === "unknown_variable") {
    const name = /^\w*/.exec(source.slice(index))?.[0] ?? "";
    return unknownVariable(name, index, scope);
  }
  if (error.code === "unexpected_token" && index >= source.length) return { index, reason: "it ends too early" };
  const words = error.summary.replace(/\b[A-Z]{2,}\b/g, (token) => tokens.get(token) ?? token);
  return { index, reason: lowerFirst(writtenName(words)) };
}

/** A name that is no variable here. */
export function unknownVariable(name: string, index: number, scope: CompileScope): ExpressionProblem {
  const visible = variables.filter((variable) => scope.variables.has(variable));
  const list = visible.length === 0 ? "no variables are known here" : `known here are ${visible.join(", ")}`;
  if (variables.some((variable) => variable === name)) {
    return { index, reason: `\`${name}\` is not available here`, mend: list };
  }
  const closest = nearest(name, visible);
  const guess = closest ?? (scope.variables.has("args") && isArgument(name, scope) ? `args.${name}` : undefined);
  const mend = guess === undefined ? list : `did you mean \`${guess}\`? ${list}`;
  return { index, reason: `\`${name}\` is not known`, mend };
}

function isArgument(name: string, scope: CompileScope): boolean {
  return scope.argumentNames === undefined || scope.argumentNames.has(name);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
