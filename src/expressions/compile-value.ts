import { isJsonObject, type JsonObject, type JsonValue } from "../core/json.ts";
import type { DocumentPath } from "../core/problem.ts";
import { brokenTemplate, compileParts, constantTemplate, noScope, secretsOf, textTemplate } from "./compile-text.ts";
import type { CompileScope, Scope, Template } from "./scope.ts";

/**
 * Compiles a value whose strings, at any depth, may hold `${…}`. A string that is exactly one
 * expression becomes its value with its type; a member or element whose value is absent is left out.
 * Keys are taken as written.
 */
export function compileValue(
  value: JsonValue,
  path: DocumentPath,
  scope: CompileScope,
): Template<JsonValue | undefined> {
  if (typeof value === "string") return compileString(value, path, scope);
  if (isJsonObject(value)) return compileObject(value, path, scope);
  if (Array.isArray(value)) return compileList(value, path, scope);
  return constantTemplate(value);
}

function compileString(text: string, path: DocumentPath, scope: CompileScope): Template<JsonValue | undefined> {
  if (!text.includes("${")) return constantTemplate(text);
  const parts = compileParts(text, path, scope);
  if (parts === undefined) return brokenTemplate(path);
  const [only] = parts;
  return parts.length === 1 && typeof only === "object" ? only : textTemplate(parts);
}

function compileList(list: readonly JsonValue[], path: DocumentPath, scope: CompileScope): Template<JsonValue> {
  const items = list.map((item, index) => compileValue(item, [...path, index], scope));
  const evaluate = (values: Scope): JsonValue => {
    const result: JsonValue[] = [];
    for (const item of items) {
      const value = item.evaluate(values);
      if (value !== undefined) result.push(value);
    }
    return result;
  };
  return foldConstant(items, evaluate);
}

function compileObject(object: JsonObject, path: DocumentPath, scope: CompileScope): Template<JsonValue> {
  const keys = Object.keys(object);
  const members = Object.entries(object).map(([key, member]) => compileValue(member, [...path, key], scope));
  const evaluate = keys.includes("__proto__") ? evaluateSafely : evaluateMembers;
  return foldConstant(members, (values) => evaluate(keys, members, values));
}

type Members = readonly Template<JsonValue | undefined>[];

function evaluateMembers(keys: readonly string[], members: Members, scope: Scope): JsonObject {
  const result: Record<string, JsonValue> = {};
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index];
    const value = members[index]?.evaluate(scope);
    if (key !== undefined && value !== undefined) result[key] = value;
  }
  return result;
}

/** An assignment to `__proto__` would make no member; this does. */
function evaluateSafely(keys: readonly string[], members: Members, scope: Scope): JsonObject {
  const entries = keys.map((key, index) => [key, members[index]?.evaluate(scope)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, JsonValue] => entry[1] !== undefined));
}

function foldConstant(inner: Members, evaluate: (scope: Scope) => JsonValue): Template<JsonValue> {
  if (inner.every(({ constant }) => constant)) return constantTemplate(evaluate(noScope));
  return { constant: false, secrets: secretsOf(inner), evaluate };
}
