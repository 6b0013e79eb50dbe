import type { CompletionConfig } from "../../core/config/prompt-schema.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { DocumentPath } from "../../core/problem.ts";
import type { CompileScope, Scope, Template, Variable } from "../../expressions/scope.ts";
import { compileValue } from "../../expressions/template.ts";

/** Where completion values come from: a fixed list, or a tool of the same server. */
export type CompiledCompletion =
  | { readonly kind: "values"; readonly values: readonly string[] }
  | {
      readonly kind: "tool";
      readonly tool: string;
      readonly args: (scope: Scope) => JsonObject;
      readonly values: Template<JsonValue | undefined>;
    };

const argumentVariables: ReadonlySet<Variable> = new Set(["args", "principal", "request"]);
const valueVariables: ReadonlySet<Variable> = new Set(["args", "principal", "request", "response"]);

/** Compiles one completion; a tool it names must be one of `toolNames`. */
export function compileCompletion(
  config: CompletionConfig,
  path: DocumentPath,
  toolNames: ReadonlySet<string>,
  report: CompileScope["report"],
): CompiledCompletion {
  if (!("tool" in config)) return { kind: "values", values: config.values };
  if (!toolNames.has(config.tool)) {
    report({
      severity: "error",
      path: [...path, "tool"],
      message: `unknown tool "${config.tool}"`,
      mend: "name one of this document's tools",
    });
  }
  const args = compileValue(config.arguments, [...path, "arguments"], { variables: argumentVariables, report });
  const values = compileValue(config.values, [...path, "values"], { variables: valueVariables, report });
  return {
    kind: "tool",
    tool: config.tool,
    args: (scope) => args.evaluate(scope) as JsonObject, // the schema made it an object
    values,
  };
}
