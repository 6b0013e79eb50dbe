import type { ServerDocument } from "../../core/config/document.ts";
import type { SourceDocument } from "../../core/config-source.ts";
import type { DocumentRef } from "../../core/config-store.ts";
import { AppError } from "../../core/errors.ts";
import type { LocatedProblem } from "../../core/problem.ts";

/**
 * The document when it has no errors and is the one that it is said to be: it would see secrets of another tenant
 * otherwise. Fails with `unprocessable`, `data.problems`.
 */
export function refuseProblems(
  source: SourceDocument,
  problems: readonly LocatedProblem[],
  { tenant, name }: DocumentRef,
): ServerDocument {
  const { document } = source;
  if (document === undefined || problems.some(({ severity }) => severity === "error")) {
    throw new AppError("unprocessable", "The document has errors.", { data: { problems } });
  }
  for (const [key, wanted] of [
    ["tenant", tenant],
    ["name", name],
  ] as const) {
    if (document[key] === wanted) continue;
    const problem: LocatedProblem = {
      severity: "error",
      path: [key],
      message: `the ${key} is ${document[key]}, not ${wanted}`,
      mend: `write ${key}: ${wanted}`,
      ...source.locate([key]),
    };
    throw new AppError("unprocessable", `The document is of another ${key}.`, { data: { problems: [problem] } });
  }
  return document;
}
