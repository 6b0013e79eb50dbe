import type { ConfirmConfig } from "../../core/config/tool-schema.ts";
import type { DocumentPath } from "../../core/problem.ts";
import { type CompileScope, compileText, type Template, type Variable } from "../../expressions/template.ts";

/** A question that is put to the user before a tool is called. */
export interface CompiledConfirm {
  readonly message: Template<string | undefined>;
  readonly whenUnable: ConfirmConfig["whenUnable"];
}

const variables: ReadonlySet<Variable> = new Set<Variable>(["args", "principal"]);

/** Compiles `confirm` of a tool or of an override. */
export function compileConfirm(
  config: ConfirmConfig,
  path: DocumentPath,
  report: CompileScope["report"],
): CompiledConfirm {
  return {
    message: compileText(config.message, [...path, "message"], { variables, report }),
    whenUnable: config.whenUnable,
  };
}
