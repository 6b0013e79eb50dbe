import { checkDocument } from "../../../core/config/check-document.ts";
import { AppError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import { formatPath, type Problem } from "../../../core/problem.ts";
import type { ReportedEntry } from "../../report/import-report.ts";
import type { CompiledTool } from "../compile-tools.ts";
import { upstreamKey } from "./assemble-document.ts";

export interface FitTools {
  readonly tools: readonly CompiledTool[];
  /** What the report says instead, of tools that were dropped. */
  readonly refused: ReadonlyMap<ReportedEntry, ReportedEntry>;
}

/**
 * Drops the tools that no gateway would serve, so that the document is one that is served: every problem at `tools[i]`
 * refuses that tool. Fails with `AppError("unprocessable")` when something else of the document is wrong: that are
 * choices of the operator, such as its name.
 */
export function dropUnfit(
  tools: readonly CompiledTool[],
  assemble: (tools: readonly CompiledTool[]) => JsonObject,
  judge: (document: JsonObject) => readonly Problem[] = (document) => checkDocument(document).problems,
): FitTools {
  const refused = new Map<ReportedEntry, ReportedEntry>();
  const drop = (some: readonly CompiledTool[], problemsOf: (index: number) => readonly Problem[]): CompiledTool[] =>
    some.filter(({ entry }, index) => {
      const problems = problemsOf(index);
      if (problems.length > 0) refused.set(entry, refusal(entry, problems));
      return problems.length === 0;
    });
  let left = drop(tools, (index) => shapeProblems(tools[index]?.tool));
  for (let round = 0; round < maxRounds; round++) {
    const byTool = problemsByTool(judge(assemble(left)));
    if (byTool.size === 0) break;
    left = drop(left, (index) => byTool.get(index) ?? []);
  }
  return { tools: left, refused };
}

/** A judge may find what it did not get to before. */
const maxRounds = 3;

/** Each by itself: the problems of a document are told up to a number. */
function shapeProblems(tool: JsonObject | undefined): readonly Problem[] {
  return tool === undefined ? [] : checkDocument({ ...smallestDocument, tools: [tool] }).problems;
}

const smallestDocument = {
  name: "a",
  routes: [{ prefix: "/a" }],
  upstreams: { [upstreamKey]: { kind: "http", baseUrl: "https://a.example" } },
};

function problemsByTool(problems: readonly Problem[]): ReadonlyMap<number, Problem[]> {
  const byTool = new Map<number, Problem[]>();
  for (const problem of problems.filter(({ severity }) => severity === "error")) {
    const [key, index] = problem.path;
    if (key !== "tools" || typeof index !== "number") throw unfit(problem);
    byTool.set(index, [...(byTool.get(index) ?? []), problem]);
  }
  return byTool;
}

function refusal(entry: ReportedEntry, problems: readonly Problem[]): ReportedEntry {
  const notes = problems.slice(0, 5).map(({ path, message, mend }) => ({
    code: "tool-not-servable",
    message: `No gateway would serve it: ${formatPath(path.slice(2))}: ${message}${mend === undefined ? "" : ` (${mend})`}.`,
  }));
  const { tokens: _tokens, ...rest } = entry;
  return { ...rest, outcome: "refused", notes: [...entry.notes, ...notes] };
}

function unfit({ path, message, mend }: Problem): AppError {
  return new AppError("unprocessable", `${formatPath(path)}: ${message}${mend === undefined ? "" : ` (${mend})`}.`);
}
