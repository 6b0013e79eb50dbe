import { EvaluationError } from "@marcbachmann/cel-js";
import { AppError } from "../core/errors.ts";
import type { JsonValue } from "../core/json.ts";
import { type DocumentPath, formatPath } from "../core/problem.ts";
import { type CelExpression, parseCel } from "./cel-expression.ts";
import { withMaps } from "./cel-values.ts";
import { type Chain, parseChain, walkChain } from "./chain.ts";
import { evaluationFailure, reasonOf, showSource } from "./expression-failure.ts";
import { type ExpressionProblem, problemOf, unknownVariable } from "./expression-problems.ts";
import { ExpressionFault } from "./fault.ts";
import { expressionLimits } from "./limits.ts";
import type { CompileScope, Scope, Template } from "./scope.ts";
import { nearest } from "../core/nearest.ts";
import { findVariableUse, type VariableUse } from "./variable-use.ts";

/** Where the source of an expression stands. */
export interface ExpressionPlace {
  readonly path: DocumentPath;
  /** Index of the source's first character in the text at `path`. */
  readonly at: number;
}

/** A compiled `${…}`; absent values are `undefined`. */
export interface Expression extends Template<JsonValue | undefined> {
  readonly source: string;
  /** Set when the expression is a plain selection. */
  readonly chain?: Chain;
  /** It reads what the backend answered: then a value that does not suit is not the client's fault. */
  readonly concernsBackend: boolean;
  /** The CEL type where the check knows it, else `dyn`. */
  readonly type: string;
}

/** Compiles the inside of one `${…}`; problems are reported to `scope`. */
export function compileExpression(source: string, place: ExpressionPlace, scope: CompileScope): Expression {
  const chain = parseChain(source);
  const compiled = chain === undefined ? compileCel(source, place, scope) : compileChain(chain, source, place, scope);
  if ("evaluate" in compiled) return compiled;
  reportProblem(compiled, source, place, scope);
  return brokenExpression(source, place);
}

function compileChain(
  chain: Chain,
  source: string,
  place: ExpressionPlace,
  scope: CompileScope,
): Expression | ExpressionProblem {
  const index = source.length - source.trimStart().length;
  const [first] = chain.steps;
  if (!scope.variables.has(chain.root)) return unknownVariable(chain.root, index, scope);
  if (chain.root === "secrets") {
    if (chain.steps.length !== 1 || typeof first !== "string") return wholeSecrets(index);
    scope.report.secret?.({ name: first, path: place.path, copes: false });
    return secretExpression(first, source, chain);
  }
  if (chain.root === "args" && typeof first === "string") checkArgument(first, index, source, place, scope);
  return {
    source,
    chain,
    concernsBackend: chain.root === "response" || chain.root === "event",
    type: "dyn",
    constant: false,
    secrets: [],
    // Scopes hold JSON: arguments, bodies, and views made of texts and numbers.
    evaluate: (values) => walkChain(chain, values) as JsonValue | undefined,
  };
}

function compileCel(source: string, place: ExpressionPlace, scope: CompileScope): Expression | ExpressionProblem {
  if (source.trim() === "") return { index: 0, reason: "it is empty", mend: "write `$${` for a literal `${`" };
  if (source.length > expressionLimits.sourceLength) {
    return { index: 0, reason: `it has more than ${expressionLimits.sourceLength} characters` };
  }
  try {
    const cel = parseCel(source, scope.variables);
    const use = findVariableUse(cel.root);
    if (use.secretsAt !== undefined) return wholeSecrets(use.secretsAt);
    for (const [name, index] of use.arguments) checkArgument(name, index, source, place, scope);
    for (const [name, copes] of use.secrets) scope.report.secret?.({ name, path: place.path, copes });
    if (use.variables.size === 0) return constantExpression(source, cel.type, cel.evaluate({}));
    return {
      source,
      concernsBackend: concernsBackend(use),
      type: cel.type,
      constant: false,
      secrets: [...use.secrets.keys()],
      evaluate: (values) => evaluateCel(cel, use, source, place.path, values),
    };
  } catch (error) {
    if (error instanceof ExpressionFault || error instanceof EvaluationError) {
      return { index: 0, reason: reasonOf(error) };
    }
    return problemOf(error, source, scope);
  }
}

function concernsBackend({ variables }: VariableUse): boolean {
  return variables.has("response") || variables.has("event");
}

function evaluateCel(
  cel: CelExpression,
  use: VariableUse,
  source: string,
  path: DocumentPath,
  scope: Scope,
): JsonValue | undefined {
  const context = use.secrets.size > 0 ? { ...scope, secrets: selectSecrets(use, scope) } : scope;
  try {
    return cel.evaluate(context);
  } catch (error) {
    if (!(error instanceof EvaluationError) || error.code !== "unsupported_type") {
      throw evaluationFailure(error, source, path, concernsBackend(use));
    }
  }
  // Data with a member named `constructor`: see withMaps.
  try {
    return cel.evaluate(Object.fromEntries([...use.variables].map((name) => [name, withMaps(context[name])])));
  } catch (error) {
    throw evaluationFailure(error, source, path, concernsBackend(use));
  }
}

/** The secrets that an expression names, and no others. */
function selectSecrets(use: VariableUse, scope: Scope): Readonly<Record<string, string>> {
  const selected: [string, string][] = [];
  for (const [name, copes] of use.secrets) {
    const value = copes ? scope.secrets.get(name) : requireSecret(name, scope);
    if (value !== undefined) selected.push([name, value]);
  }
  return Object.fromEntries(selected);
}

function requireSecret(name: string, scope: Scope): string {
  const value = scope.secrets.get(name);
  if (value === undefined) throw new AppError("invalid_configuration", `The secret ${name} is not set.`);
  return value;
}

function secretExpression(name: string, source: string, chain: Chain): Expression {
  const evaluate = (scope: Scope): string => requireSecret(name, scope);
  return { source, chain, concernsBackend: false, type: "string", constant: false, secrets: [name], evaluate };
}

function constantExpression(source: string, type: string, value: JsonValue | undefined): Expression {
  return { source, concernsBackend: false, type, constant: true, secrets: [], evaluate: () => value };
}

/** What stands in for an expression whose problem was reported. */
function brokenExpression(source: string, place: ExpressionPlace): Expression {
  const message = `The expression ${showSource(source)} in ${formatPath(place.path)} cannot be compiled.`;
  const evaluate = (): never => {
    throw new AppError("invalid_configuration", message);
  };
  return { source, concernsBackend: false, type: "dyn", constant: false, secrets: [], evaluate };
}

function wholeSecrets(index: number): ExpressionProblem {
  return {
    index,
    reason: "secrets can only be used one by one, by their names",
    mend: "write `secrets.NAME` with the name of the secret",
  };
}

function checkArgument(name: string, index: number, source: string, place: ExpressionPlace, scope: CompileScope): void {
  if (scope.argumentNames === undefined || scope.argumentNames.has(name)) return;
  const closest = nearest(name, scope.argumentNames);
  scope.report({
    severity: "warning",
    path: place.path,
    message: `the expression ${showSource(source)} reads args.${name} at character ${place.at + index + 1}, which the input does not describe`,
    mend: closest === undefined ? "add it to the properties of the input" : `did you mean \`args.${closest}\`?`,
  });
}

function reportProblem(problem: ExpressionProblem, source: string, place: ExpressionPlace, scope: CompileScope): void {
  const message = `the expression ${showSource(source)} is wrong at character ${place.at + problem.index + 1}: ${problem.reason}`;
  scope.report({
    severity: "error",
    path: place.path,
    message,
    ...(problem.mend === undefined ? {} : { mend: problem.mend }),
  });
}
