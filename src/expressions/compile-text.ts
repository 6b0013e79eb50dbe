import { AppError } from "../core/errors.ts";
import { anonymous } from "../core/principal.ts";
import { type DocumentPath, formatPath } from "../core/problem.ts";
import { compileExpression, type Expression } from "./expression.ts";
import type { CompileScope, Scope, Template } from "./scope.ts";
import { splitTemplate } from "./split-template.ts";
import { textOf } from "./value-text.ts";

/** A text whose expressions are compiled: literal texts and expressions in their order. */
export type CompiledParts = readonly (string | Expression)[];

/**
 * Compiles a text with `${…}` to a text. Exactly one expression whose value is absent or null gives
 * `undefined`; in a longer text it gives nothing. Numbers are written exactly, lists and objects as JSON.
 */
export function compileText(text: string, path: DocumentPath, scope: CompileScope): Template<string | undefined> {
  const parts = compileParts(text, path, scope);
  if (parts === undefined) return brokenTemplate(path);
  const [only] = parts;
  return parts.length === 1 && typeof only === "object" ? singleText(only) : textTemplate(parts);
}

/** The text that parts make together. */
export function textTemplate(parts: CompiledParts): Template<string> {
  const constant = parts.every((part) => typeof part === "string" || part.constant);
  if (constant) return constantTemplate(joinParts(parts, noScope));
  return { constant, secrets: secretsOf(parts), evaluate: (scope) => joinParts(parts, scope) };
}

/** A template that is always the same value. */
export function constantTemplate<T>(value: T): Template<T> {
  return { constant: true, secrets: [], evaluate: () => value };
}

/** For templates that are constant: they look at nothing. */
export const noScope: Scope = {
  args: {},
  request: { headers: {} },
  principal: anonymous,
  secrets: { get: () => undefined },
};

/** Cuts a text and compiles its expressions; `undefined` after a `${` that is never closed was reported. */
export function compileParts(text: string, path: DocumentPath, scope: CompileScope): CompiledParts | undefined {
  const { parts, unclosedAt } = splitTemplate(text);
  if (unclosedAt !== undefined) {
    scope.report({
      severity: "error",
      path,
      message: `the expression that begins at character ${unclosedAt + 1} is never closed`,
      mend: "close it with `}`, or write `$${` for a literal `${`",
    });
    return undefined;
  }
  return parts.map((part) => {
    return part.kind === "text" ? part.text : compileExpression(part.source, { path, at: part.at }, scope);
  });
}

/** Stands in for a template whose problem was reported. */
export function brokenTemplate(path: DocumentPath): Template<never> {
  return {
    constant: false,
    secrets: [],
    evaluate: () => {
      throw new AppError("invalid_configuration", `The text in ${formatPath(path)} cannot be compiled.`);
    },
  };
}

/** The names of all secrets that some templates read. */
export function secretsOf(parts: readonly (string | Template<unknown>)[]): readonly string[] {
  return [...new Set(parts.flatMap((part) => (typeof part === "string" ? [] : part.secrets)))];
}

function singleText(expression: Expression): Template<string | undefined> {
  return {
    constant: expression.constant,
    secrets: expression.secrets,
    evaluate(scope) {
      const value = expression.evaluate(scope);
      return value === undefined || value === null ? undefined : textOf(value);
    },
  };
}

function joinParts(parts: CompiledParts, scope: Scope): string {
  let text = "";
  for (const part of parts) text += typeof part === "string" ? part : textOf(part.evaluate(scope));
  return text;
}
