import type { z } from "zod";
import type { Problem } from "../problem.ts";
import { serverDocument, type ServerDocument } from "./document.ts";
import { issueProblems } from "./issue-problems.ts";

/** Most problems that are told of one document; one more says how many were left out. */
export const maxProblems = 50;

export type DocumentCheck =
  | { readonly document: ServerDocument; readonly problems: readonly [] }
  | { readonly document: undefined; readonly problems: readonly Problem[] };

/** Checks a parsed document against the schema: the document with its defaults, or what is wrong with it. */
export function checkDocument(value: unknown): DocumentCheck {
  const result = serverDocument.safeParse(value);
  if (result.success) return { document: result.data, problems: [] };
  return { document: undefined, problems: describeIssues(serverDocument, value, result.error) };
}

/** The problems of a value that `schema` has refused, in the order of the document, bounded. */
export function describeIssues(schema: z.ZodType, value: unknown, error: z.ZodError): Problem[] {
  const problems = error.issues.flatMap((issue) => issueProblems(issue, schema, value));
  const mistypings = new Set(problems.flatMap((problem) => problem.meant ?? []));
  const told = problems
    // A key that is missing because it is mistyped is one mistake, not two.
    .filter((problem) => problem.missing === undefined || !mistypings.has(problem.missing))
    .map(({ missing: _missing, meant: _meant, ...problem }): Problem => problem);
  if (told.length <= maxProblems) return told;
  const rest = told.length - maxProblems;
  return [
    ...told.slice(0, maxProblems),
    { severity: "error", path: [], message: `${rest} more ${rest === 1 ? "problem" : "problems"} in this document` },
  ];
}
