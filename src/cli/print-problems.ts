import { readFile } from "node:fs/promises";
import { formatPath, type LocatedProblem } from "../core/problem.ts";
import { styler, type Terminal } from "./terminal.ts";

/** Longest part of a source line that is shown, the caret within it. */
const maxShown = 120;

/**
 * Writes problems as `file:line:column: error: message` with the mend on the next line; for people
 * also the line of the source with a caret below the place.
 */
export async function printProblems(terminal: Terminal, problems: readonly LocatedProblem[]): Promise<void> {
  const style = styler(terminal);
  const sources = new Map<string, readonly string[]>();
  for (const problem of problems) {
    const { file, line, column, severity, message, mend } = problem;
    const word = style(severity === "error" ? "red" : "yellow", severity);
    const place = style("bold", `${file}:${line}:${column}:`);
    const path = problem.path.length === 0 ? "" : style("dim", ` [${formatPath(problem.path)}]`);
    let text = `${place} ${word}: ${message}${path}\n`;
    if (terminal.isInteractive) text += excerpt((await linesOf(file, sources))[line - 1], column);
    if (mend !== undefined) text += `  ${style("cyan", mend)}\n`;
    terminal.write(text);
  }
}

/** Counts as people say them: `2 errors, 1 warning`. */
export function countProblems(problems: readonly LocatedProblem[]): { errors: number; warnings: number; text: string } {
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const warnings = problems.length - errors;
  return { errors, warnings, text: `${plural(errors, "error")}, ${plural(warnings, "warning")}` };
}

export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

function excerpt(line: string | undefined, column: number): string {
  if (line === undefined || line.trim() === "") return "";
  const from = Math.max(0, column - 1 - maxShown / 2);
  const shown = line.slice(from, from + maxShown).replace(/[\t\u0000-\u001f\u007f-\u009f]/g, " ");
  return `    ${shown}\n    ${" ".repeat(Math.max(0, column - 1 - from))}^\n`;
}

/** The lines of a file; none when it cannot be read (any more): the problem is told all the same. */
async function linesOf(file: string, known: Map<string, readonly string[]>): Promise<readonly string[]> {
  const before = known.get(file);
  if (before !== undefined) return before;
  const lines = await readFile(file, "utf8").then(
    (text) => text.split(/\r\n|\r|\n/),
    () => [],
  );
  known.set(file, lines);
  return lines;
}
