import type { DocumentPath, Problem } from "../../core/problem.ts";
import { constantTemplate, noScope, secretsOf } from "../../expressions/compile-text.ts";
import type { Scope, Template } from "../../expressions/template.ts";

/** A template made of others: constant when they are, and then evaluated now instead of at every call. */
export function composed<T>(parts: readonly Template<unknown>[], evaluate: (scope: Scope) => T): Template<T> {
  if (parts.every((part) => part.constant)) return constantTemplate(evaluate(noScope));
  return { constant: false, secrets: secretsOf(parts), evaluate };
}

/** The value of a template that does not depend on the call; `undefined` also when it does. */
export function fixedValue<T>(template: Template<T>): T | undefined {
  return template.constant ? template.evaluate(noScope) : undefined;
}

/**
 * Applies `check` to the text of every call, and to a fixed text now, so that a mistake in it is found
 * with the document; it is reported as `message`.
 */
export function checkedText(
  template: Template<string | undefined>,
  check: (value: string) => string,
  problem: { readonly path: DocumentPath; readonly message: string },
  report: (problem: Problem) => void,
): Template<string | undefined> {
  const evaluate = (scope: Scope): string | undefined => {
    const value = template.evaluate(scope);
    return value === undefined ? undefined : check(value);
  };
  try {
    return composed([template], evaluate);
  } catch {
    // Only `check` can fail here: a constant template was evaluated when it was compiled.
    report({ severity: "error", ...problem });
    return { constant: false, secrets: template.secrets, evaluate };
  }
}
