/** One fault as the table shows it. */
export interface FaultRow {
  readonly file: string;
  readonly fault: string;
  /** The number that must hold; empty for tests that measure nothing. */
  readonly limit: string;
  readonly measured: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** Why it failed; empty otherwise. */
  readonly reason: string;
}

const words: Readonly<Record<FaultRow["outcome"], string>> = { passed: "ok", failed: "FAIL", skipped: "skipped" };
const widest = { fault: 78, limit: 40 };

/** Fault, number that must hold, what was measured, and whether it held; a section per file. */
export function formatTable(rows: readonly FaultRow[]): string {
  const lines: string[] = [];
  let file = "";
  for (const row of rows) {
    if (row.file !== file) {
      file = row.file;
      lines.push("", file, formatLine("fault", "must hold", "ok", "measured"), "-".repeat(140));
    }
    lines.push(formatLine(row.fault, row.limit, words[row.outcome], row.measured));
    if (row.outcome === "failed") lines.push(...row.reason.split("\n", 6).map((line) => `    ${line}`));
  }
  return lines.join("\n").trimStart();
}

function formatLine(fault: string, limit: string, word: string, measured: string): string {
  return `${fit(fault, widest.fault)}  ${fit(limit, widest.limit)}  ${word.padEnd(7)}  ${measured}`.trimEnd();
}

function fit(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}

/** The last line. */
export function formatSummary(rows: readonly FaultRow[]): string {
  const count = (outcome: FaultRow["outcome"]): number => rows.filter((row) => row.outcome === outcome).length;
  const skipped = count("skipped");
  const note = skipped === 0 ? "" : `${skipped} skipped (too long for --quick)\n`;
  return `${note}${count("passed")} passed, ${count("failed")} failed`;
}

export function countFailures(rows: readonly FaultRow[]): number {
  return rows.filter(({ outcome }) => outcome === "failed").length;
}
