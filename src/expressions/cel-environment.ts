import { Environment } from "@marcbachmann/cel-js";
import { arithmeticOperators, calculate } from "./arithmetic.ts";
import { registerListFunctions } from "./list-functions.ts";
import { expressionLimits } from "./limits.ts";
import { registerNumberFunctions } from "./number-functions.ts";
import { type Variable, variables } from "./scope.ts";
import { registerTextFunctions } from "./text-functions.ts";
import { registerTimeFunctions } from "./time-functions.ts";

/** Made at the first expression that needs CEL, then shared: an environment costs a millisecond. */
let base: Environment | undefined;
const bySelection = new Map<string, Environment>();

/** The CEL environment in which exactly these variables exist. */
export function environmentFor(selection: ReadonlySet<Variable>): Environment {
  const names = variables.filter((name) => selection.has(name));
  const key = names.join();
  let environment = bySelection.get(key);
  if (environment === undefined) {
    base ??= createBase();
    environment = base.clone();
    for (const name of names) environment.registerVariable(name, "dyn");
    // Each environment has an evaluator of its own.
    environment.evaluate("boundRuntimeTypes()");
    bySelection.set(key, environment);
  }
  return environment;
}

function createBase(): Environment {
  const environment = new Environment({
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
    limits: {
      maxAstNodes: expressionLimits.syntaxNodes,
      maxDepth: expressionLimits.syntaxDepth,
      maxListElements: expressionLimits.literalEntries,
      maxMapEntries: expressionLimits.literalEntries,
    },
  });
  registerMixedArithmetic(environment);
  registerTextFunctions(environment);
  registerListFunctions(environment);
  registerNumberFunctions(environment);
  registerTimeFunctions(environment);
  registerRuntimeBound(environment);
  return environment;
}

/** For the type check; evaluation goes through `arithmetic.ts` directly. */
function registerMixedArithmetic(environment: Environment): void {
  for (const operator of arithmeticOperators) {
    const handler = (left: number | bigint, right: number | bigint) => calculate(operator, left, right);
    environment.registerOperator(`int ${operator} double: double`, handler);
    environment.registerOperator(`double ${operator} int: double`, handler);
  }
  environment.registerOperator("double % double: double", (left: number, right: number) => calculate("%", left, right));
}

/**
 * The evaluator would name the type of a value down to its innermost element and keep each name for
 * ever, so a client could fill the memory with ever new shapes. The outermost type is all it needs.
 */
function registerRuntimeBound(environment: Environment): void {
  environment.registerFunction("boundRuntimeTypes(): bool", function (this: unknown) {
    // Functions are called on the evaluator, the only way to get hold of it.
    const evaluator = this as { debugTypeDeep: (value: unknown) => unknown; debugType(value: unknown): unknown };
    evaluator.debugTypeDeep = (value) => evaluator.debugType(value);
    return true;
  });
}
