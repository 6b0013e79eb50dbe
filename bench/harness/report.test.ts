import { expect, test } from "vitest";
import { markdownReport, type ReportRow, textTable } from "./report.ts";

const rows: readonly ReportRow[] = [
  {
    spec: { name: "ping", work: "ping", limit: "<= 1.05 E" },
    result: { name: "ping", measured: "0.98 E", isOk: true, remark: "0.97 to 1.01", figures: undefined },
  },
  {
    spec: { name: "start", work: "start with 1000 tools", limit: "<= 300 ms" },
    result: { name: "start", measured: "412 ms", isOk: false, remark: "3 starts", figures: undefined },
  },
];

test("the table has a line per promise and marks the broken ones", () => {
  const lines = textTable(rows).split("\n");
  expect(lines[0]).toBe("work                   ratio   limit      ok");
  expect(lines[2]).toBe("ping                   0.98 E  <= 1.05 E  ok");
  expect(lines[3]).toBe("start with 1000 tools  412 ms  <= 300 ms  NO");
});

test("the report names its circumstances and every row", () => {
  const report = markdownReport(rows, {
    mode: "full",
    date: "2026-11-20",
    node: "v20.20.2",
    cpu: "Some CPU",
    cpus: 2,
    pinning: "not pinned",
  });
  expect(report).toContain("on 2026-11-20: Node v20.20.2, 2 × Some CPU, not pinned.");
  expect(report).toContain("| ping | 0.98 E | <= 1.05 E | yes | 0.97 to 1.01 |");
  expect(report).toContain("| start with 1000 tools | 412 ms | <= 300 ms | **no** | 3 starts |");
});
