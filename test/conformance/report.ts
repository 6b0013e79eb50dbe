import type { Verdict } from "./verdict.ts";

/** The verdicts of one run under its name. */
export interface Section {
  readonly name: string;
  readonly verdicts: readonly Verdict[];
}

const words: Record<Verdict["kind"], string> = {
  pass: "pass",
  expected: "expected",
  fail: "FAIL",
  unscored: "not scored",
};

/** The table: scenario, checks passed and failed, verdict, and a note where there is one. */
export function formatTable(sections: readonly Section[]): string {
  const rows = sections.flatMap(({ verdicts }) => verdicts);
  const width = Math.max(...rows.map((row) => row.scenario.length), "scenario".length);
  const head = `${"scenario".padEnd(width)}  passed  failed  verdict`;
  const lines = sections.flatMap(({ name, verdicts }) => [
    "",
    name,
    head,
    "-".repeat(head.length + 3),
    ...verdicts.map((row) => formatRow(row, width)),
    formatTotals(verdicts),
  ]);
  return lines.join("\n");
}

function formatRow(row: Verdict, width: number): string {
  const note = row.note === "" ? "" : `  ${row.note}`;
  const verdict = note === "" ? words[row.kind] : words[row.kind].padEnd(10);
  return `${row.scenario.padEnd(width)}  ${pad(row.passed)}  ${pad(row.failed)}  ${verdict}${note}`;
}

function pad(count: number): string {
  return String(count).padStart(6);
}

function formatTotals(verdicts: readonly Verdict[]): string {
  const count = (kind: Verdict["kind"]): number => verdicts.filter((verdict) => verdict.kind === kind).length;
  const checks = verdicts.filter((verdict) => verdict.kind !== "unscored").reduce((sum, row) => sum + row.passed, 0);
  return `${count("pass")} passed (${checks} checks), ${count("expected")} expected failures, ${count("unscored")} not scored, ${count("fail")} failed`;
}

/** The last line. Expected failures and extensions count on neither side. */
export function formatSummary(sections: readonly Section[]): string {
  const all = sections.flatMap(({ verdicts }) => verdicts);
  return `${all.filter(({ kind }) => kind === "pass").length} passed, ${countFailures(sections)} failed`;
}

export function countFailures(sections: readonly Section[]): number {
  return sections.flatMap(({ verdicts }) => verdicts).filter(({ kind }) => kind === "fail").length;
}
