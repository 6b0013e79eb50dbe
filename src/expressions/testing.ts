import type { JsonObject } from "../core/json.ts";
import { anonymous } from "../core/principal.ts";
import type { Problem } from "../core/problem.ts";
import { type CompileScope, type Scope, variables, type Variable } from "./scope.ts";

/** For tests: a scope to compile in, which collects what is reported. */
export function collectingScope(visible: readonly Variable[] = variables): CompileScope & { problems: Problem[] } {
  const problems: Problem[] = [];
  return { variables: new Set(visible), problems, report: (problem) => problems.push(problem) };
}

/** For tests: values to evaluate with. */
export function scopeWith(args: JsonObject, others: Partial<Scope> = {}): Scope {
  const secrets = new Map([["TOKEN", "s3cret"]]);
  return {
    args,
    request: { headers: { "x-tenant": "acme" } },
    principal: anonymous,
    secrets: { get: (name) => secrets.get(name) },
    response: { status: 200, headers: { "content-type": "application/json" }, body: { items: [{ id: 1, name: "a" }] } },
    event: { type: "progress", id: "7", data: { done: 3 } },
    ...others,
  };
}
