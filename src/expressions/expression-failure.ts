import { EvaluationError } from "@marcbachmann/cel-js";
import { AppError } from "../core/errors.ts";
import { type DocumentPath, formatPath } from "../core/problem.ts";
import { writtenName } from "./cel-refinement.ts";
import { ExpressionFault } from "./fault.ts";

const maxShownSource = 120;

/** Kinds of failure whose own words name types and members of the expression, never a value. */
const safeCodes = new Set([
  "no_such_overload",
  "no_matching_overload",
  "invalid_condition_type",
  "invalid_logical_operand",
  "unsupported_type",
  "heterogeneous_list_element",
]);

const reasons: ReadonlyMap<string, string> = new Map([
  ["no_such_key", "a member that it selects is missing; `has(…)` tests for it and `.?` allows for it"],
  ["index_out_of_bounds", "a list that it selects from is too short"],
  ["division_by_zero", "it divides by zero"],
  ["modulo_by_zero", "it divides by zero"],
  ["numeric_overflow", "an integer exceeds 64 bits"],
  ["unknown_variable", "a variable that it uses is not there"],
  ["invalid_timestamp", "a text is not an RFC 3339 timestamp"],
  ["invalid_duration", "a text is not a duration"],
  ["int_conversion_error", "a value cannot be converted to an integer"],
  ["uint_conversion_error", "a value cannot be converted to an unsigned integer"],
  ["double_conversion_error", "a value cannot be converted to a number"],
  ["bool_conversion_error", "a value cannot be converted to a boolean"],
  ["optional_value_missing", "an optional value is missing"],
  ["invalid_comprehension_range", "a macro is used on something that is neither a list nor a map"],
  ["index_out_of_range", "an index lies outside of a text"],
]);

/**
 * The error for the caller of an evaluation: what the backend said does not suit, or what the client
 * said. Says where and why, without any value.
 */
export function evaluationFailure(
  error: unknown,
  source: string,
  path: DocumentPath,
  concernsBackend: boolean,
): AppError {
  if (error instanceof AppError) return error;
  const message = `The expression ${showSource(source)} in ${formatPath(path)} cannot be evaluated: ${reasonOf(error)}.`;
  return new AppError(concernsBackend ? "upstream_failed" : "invalid_params", message, { cause: error });
}

/** An expression's source, shortened, in the way it is written in a document. */
export function showSource(source: string): string {
  const text = source.trim();
  return text.length > maxShownSource ? `\${${text.slice(0, maxShownSource)}…}` : `\${${text}}`;
}

/** Why an evaluation failed, to complete a sentence; without any value. */
export function reasonOf(error: unknown): string {
  if (error instanceof ExpressionFault) return error.message;
  if (!(error instanceof EvaluationError)) return "a function does not take its arguments";
  if (safeCodes.has(error.code)) return writtenName(error.summary.charAt(0).toLowerCase() + error.summary.slice(1));
  return reasons.get(error.code) ?? "a value does not suit it";
}
