import { AppError } from "../core/errors.ts";
import { type DocumentPath, formatPath } from "../core/problem.ts";
import { brokenTemplate, compileParts } from "./compile-text.ts";
import { compileExpression, type Expression } from "./expression.ts";
import { showSource } from "./expression-failure.ts";
import type { CompileScope, Template } from "./scope.ts";

/**
 * Compiles a condition: one `${…}`, or the expression alone. Absent and null count as false; any other
 * value than a boolean is an `AppError`, or a problem where the check sees it.
 */
export function compileCondition(text: string, path: DocumentPath, scope: CompileScope): Template<boolean> {
  if (!text.includes("${")) return conditionOf(compileExpression(text, { path, at: 0 }, scope), path, scope);
  const parts = compileParts(text.trim(), path, scope);
  if (parts === undefined) return brokenTemplate(path);
  const [only] = parts;
  if (parts.length === 1 && typeof only === "object") return conditionOf(only, path, scope);
  scope.report({
    severity: "error",
    path,
    message: "a condition is one expression, without text around it",
    mend: "write all of it inside of one `${…}`",
  });
  return brokenTemplate(path);
}

function conditionOf(expression: Expression, path: DocumentPath, scope: CompileScope): Template<boolean> {
  if (!["bool", "dyn", "optional", "null"].some((type) => expression.type.startsWith(type))) {
    scope.report({
      severity: "error",
      path,
      message: `the condition ${showSource(expression.source)} is of type ${expression.type}, not bool`,
      mend: "compare it with something, such as `… == 1` or `size(…) > 0`",
    });
    return brokenTemplate(path);
  }
  return {
    constant: expression.constant,
    secrets: expression.secrets,
    evaluate(values) {
      const value = expression.evaluate(values) ?? false;
      if (typeof value === "boolean") return value;
      const message = `The condition ${showSource(expression.source)} in ${formatPath(path)} is neither true nor false.`;
      throw new AppError(expression.concernsBackend ? "upstream_failed" : "invalid_params", message);
    },
  };
}
