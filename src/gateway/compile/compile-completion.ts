import type { CompletionConfig } from "../../core/config/prompt-schema.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { DocumentPath } from "../../core/problem.ts";
import type { CompileScope, Scope, Template, Variable } from "../../expressions/scope.ts";
import { compileValue } from "../../expressions/template.ts";
import type { CompiledConfirm } from "./compile-confirm.ts";

/** Where completion values come from: a fixed list, or a tool of the same server. */
export type CompiledCompletion =
  | { readonly kind: "values"; readonly values: readonly string[] }
  | {
      readonly kind: "tool";
      readonly tool: string;
      readonly args: (scope: Scope) => JsonObject;
      readonly values: Template<JsonValue | undefined>;
    };

/** What of a tool matters to who would complete with it. */
export interface CompletingTool {
  readonly confirm: CompiledConfirm | undefined;
}

const argumentVariables: ReadonlySet<Variable> = new Set(["args", "principal", "request"]);
const valueVariables: ReadonlySet<Variable> = new Set(["args", "principal", "request", "response"]);

/** Compiles one completion; a tool it names must be one of `tools` that nobody has to confirm. */
export function compileCompletion(
  config: CompletionConfig,
  path: DocumentPath,
  tools: ReadonlyMap<string, CompletingTool>,
  report: CompileScope["report"],
): CompiledCompletion {
  if (!("tool" in config)) return { kind: "values", values: config.values };
  const tool = tools.get(config.tool);
  if (tool === undefined) {
    report({
      severity: "error",
      path: [...path, "tool"],
      message: `unknown tool "${config.tool}"`,
      mend: "name one of this document's tools",
    });
  } else if (tool.confirm !== undefined) {
    report({
      severity: "error",
      path: [...path, "tool"],
      message: `the tool "${config.tool}" has \`confirm\`, and completing asks nobody`,
      mend: "name a tool without `confirm`",
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
