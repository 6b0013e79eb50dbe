import { boundedSum, calculate, type ArithmeticOperator, arithmeticOperators } from "./arithmetic.ts";
import type { Budget } from "./budget.ts";
import { type CelNode, childrenOf } from "./cel-syntax.ts";
import { ExpressionFault } from "./fault.ts";
import { expressionLimits } from "./limits.ts";

/** Built-in functions that are replaced by bounded ones of ours. */
const replacements: ReadonlyMap<string, string> = new Map([
  ["matches", "linearMatches"],
  ["join", "joinTexts"],
]);

/** The name that the author of an expression wrote for a function of ours. */
export function writtenName(text: string): string {
  let written = text;
  for (const [name, replacement] of replacements) written = written.replaceAll(replacement, name);
  return written;
}

/** Before the type check: puts our functions in place of built-in ones, and lets branches of `?:` differ in type. */
export function replaceBuiltIns(node: CelNode): void {
  if (node.op === "rcall" && Array.isArray(node.args)) {
    const replacement = replacements.get(String(node.args[0]));
    if (replacement !== undefined) node.args[0] = replacement;
  }
  if (node.op === "?:") allowMixedBranches(node);
  for (const child of childrenOf(node)) replaceBuiltIns(child);
}

/** After the type check: JSON arithmetic, bounded sums, and macros that stop when the budget is spent. */
export function boundEvaluation(node: CelNode, budget: Budget): void {
  const operator = arithmeticOperators.find((known) => known === node.op);
  if (operator !== undefined) refineArithmetic(node, operator);
  if (node.op === "call" && Array.isArray(node.args) && node.args[0] === "duration") boundDuration(node);
  const macro = node.meta.alternate;
  if (macro?.op === "comprehension") countTurns(macro, budget);
  for (const child of childrenOf(node)) boundEvaluation(child, budget);
}

function allowMixedBranches(node: CelNode): void {
  const { check } = node.meta;
  node.setMeta("check", (checker, checked, context) => {
    try {
      return check(checker, checked, context);
    } catch (error) {
      if (hasCode(error, "incompatible_ternary_branches")) return checker.dynType;
      throw error;
    }
  });
}

function refineArithmetic(node: CelNode, operator: ArithmeticOperator): void {
  node.setMeta("evaluate", (evaluator, { left, right, handle }, context) => {
    if (left === undefined || right === undefined || handle === undefined) {
      throw new TypeError("The syntax tree was not checked.");
    }
    const a = evaluator.run(left, context);
    const b = evaluator.run(right, context);
    // Integer with integer stays with CEL: it truncates quotients and refuses more than 64 bits.
    if (isNumber(a) && isNumber(b) && (typeof a === "number" || typeof b === "number"))
      return calculate(operator, a, b);
    const result = handle(a, b, node, evaluator);
    return operator === "+" ? boundedSum(result) : result;
  });
}

/** Looks at the argument first; evaluating it twice has no effect. */
function boundDuration(node: CelNode): void {
  const { evaluate } = node.meta;
  node.setMeta("evaluate", (evaluator, call, context) => {
    const [argument] = childrenOf(call);
    const text = argument === undefined ? undefined : evaluator.run(argument, context);
    if (typeof text === "string" && text.length > expressionLimits.durationLength) {
      throw new ExpressionFault("a text is not a duration");
    }
    return evaluate(evaluator, call, context);
  });
}

/** The condition of a macro's loop is asked before each turn; ending there does not depend on errors. */
function countTurns(macro: CelNode, budget: Budget): void {
  // A comprehension's operands are one object of the evaluator's own.
  const loop = macro.args as { condition?: (accumulated: unknown) => boolean };
  const { condition } = loop;
  loop.condition = (accumulated) => budget.takeTurn() && (condition === undefined || condition(accumulated));
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
