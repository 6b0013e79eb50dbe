import type { SourceDocument } from "../../core/config-source.ts";
import type { LocatedProblem, Problem } from "../../core/problem.ts";

/** A problem of a document with the place where it stands in its source. */
export function locateProblem(source: SourceDocument, problem: Problem): LocatedProblem {
  return { ...problem, ...source.locate(problem.path, problem.atKey) };
}
