import type { Mode, RowResult, RowSpec } from "../suites/suite.ts";

/** A promise and what was found. */
export interface ReportRow {
  readonly spec: RowSpec;
  readonly result: RowResult;
}

/** Where and how the figures came about. */
export interface Circumstances {
  readonly mode: Mode;
  /** Year, month and day. */
  readonly date: string;
  readonly node: string;
  readonly cpu: string;
  readonly cpus: number;
  readonly pinning: string;
}

const heads = ["work", "ratio", "limit", "ok"] as const;

/** The table for the terminal. */
export function textTable(rows: readonly ReportRow[]): string {
  const cells = rows.map(({ spec, result }) => [spec.work, result.measured, spec.limit, result.isOk ? "ok" : "NO"]);
  const widths = heads.map((head, column) => Math.max(head.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  const remarks = rows.map(({ spec, result }) => `  ${spec.name}: ${result.remark}`);
  return [line(heads), line(widths.map((width) => "-".repeat(width))), ...cells.map(line), "", ...remarks, ""].join(
    "\n",
  );
}

/** `bench/RESULTS.md`. */
export function markdownReport(rows: readonly ReportRow[], circumstances: Circumstances): string {
  const table = rows.map(
    ({ spec, result }) =>
      `| ${spec.work} | ${result.measured} | ${spec.limit} | ${result.isOk ? "yes" : "**no**"} | ${result.remark} |`,
  );
  return `# Results of the benchmark

Written by \`npm run bench\` on ${circumstances.date}: Node ${circumstances.node}, ${circumstances.cpus} × ${circumstances.cpu}, ${circumstances.pinning}.

| work | ratio | limit | ok | spread and circumstances |
|---|---|---|---|---|
${table.join("\n")}

## How it is measured

- A ratio compares the **CPU time of the process per request**, summed over all its threads
  (\`/proc/PID/task/*/schedstat\`), not throughput: what else runs on the machine changes it little.
- **R** is the least a proxy from MCP to REST can do on \`node:http\` and undici's \`Pool.dispatch\`: it parses the
  message, builds the backend's request from the arguments, and splices the answer into a result. **E** is the least
  a JSON-RPC server on \`node:http\` can do: it parses the message and answers a small object.
- Load, backend and measured process are separate processes on loopback: 64 keep-alive connections, each with a
  session of its own where there are sessions, unique ids. Answers are judged by status, and one in 64 in full;
  one wrong answer fails the row.
- All variants run side by side, and each round samples every one of them in random order, after a warm-up. Of
  each variant the calmer half of its samples counts: those in which the process waited least for its CPU, because
  neighbours leave cold caches behind.
  Every program is started five times, the reference and two copies of it each time; a ratio is to the middle one
  of the three, and a row shows the median of the five, then the smallest and the largest. **A/A** is how far the
  copies were from the middle one: a difference of that size means nothing. **waited** is the part of its runnable
  time that a measured process had to wait: the smaller, the better the figures.
- The gateway runs as operators start it: validation, limits, metrics, access log to a file, deadlines.
- Memory is resident memory over that of the same process after a warm-up. Latency is measured at a fixed pace, so
  that a stalled server is charged for every request that was due meanwhile.
`;
}
