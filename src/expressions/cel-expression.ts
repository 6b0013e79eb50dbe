import type { JsonValue } from "../core/json.ts";
import { Budget } from "./budget.ts";
import { environmentFor } from "./cel-environment.ts";
import { boundEvaluation, replaceBuiltIns } from "./cel-refinement.ts";
import type { CelNode } from "./cel-syntax.ts";
import { toJsonValue } from "./cel-values.ts";
import type { Variable } from "./scope.ts";

/** A CEL expression, parsed, checked and bounded. */
export interface CelExpression {
  readonly root: CelNode;
  /** The type that the check found, such as `bool` or `dyn`. */
  readonly type: string;
  /**
   * Evaluates with the members of `context` as variables; `undefined` for an empty optional.
   * Throws the library's `EvaluationError`, or `ExpressionFault`.
   */
  evaluate(context: object): JsonValue | undefined;
}

/** Throws the library's `ParseError` or `TypeError`, whose range says where. */
export function parseCel(source: string, visible: ReadonlySet<Variable>): CelExpression {
  const parsed = environmentFor(visible).parse(source);
  // The published type of a node leaves out what `CelNode` describes.
  const root = parsed.ast as unknown as CelNode;
  replaceBuiltIns(root);
  const checked = parsed.check();
  if (!checked.valid) throw checked.error;
  const budget = new Budget();
  boundEvaluation(root, budget);

  const evaluate = (context: object): JsonValue | undefined => {
    budget.reset();
    const value: unknown = parsed(context);
    budget.assertUnspent();
    return toJsonValue(value);
  };
  return { root, type: checked.type ?? "dyn", evaluate };
}
