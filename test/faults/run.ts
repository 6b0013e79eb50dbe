// `npm run faults`: every fault with the number that must hold. `-- --quick` repeats as seldom as `npm test` does.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { FaultRecord } from "../fixtures/fault.ts";
import { thoroughVariable } from "../fixtures/time-limit.ts";
import { countFailures, type FaultRow, formatSummary, formatTable } from "./report.ts";

const resultsPath = new URL("../../results/faults/report.json", import.meta.url);
const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));

/** What is read of vitest's JSON report. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[] | null;
      readonly meta?: { readonly fault?: FaultRecord };
    }[];
  }[];
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { quick: { type: "boolean" } }, allowPositionals: true });
  await mkdir(new URL(".", resultsPath), { recursive: true });
  const filters = positionals.length > 0 ? positionals : ["test/faults"];
  const child = spawn(
    process.execPath,
    // One file at a time: faults measure time and memory.
    [
      vitest,
      "run",
      "--no-file-parallelism",
      "--reporter=json",
      `--outputFile=${fileURLToPath(resultsPath)}`,
      ...filters,
    ],
    {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, ...(values.quick === true ? {} : { [thoroughVariable]: "thorough" }) },
    },
  );
  await once(child, "exit");
  const report = JSON.parse(await readFile(resultsPath, "utf8")) as Report; // vitest wrote it
  const rows = report.testResults.flatMap(readRows);
  process.stdout.write(`${formatTable(rows)}\n\n${formatSummary(rows)}\n`);
  return rows.length === 0 || countFailures(rows) > 0 ? 1 : 0;
}

function readRows({ name, message, assertionResults }: Report["testResults"][number]): readonly FaultRow[] {
  const file = name.split("/").at(-1)?.replace(".test.ts", "") ?? name;
  if (assertionResults.length === 0) {
    return [{ file, fault: "does not load", limit: "", measured: "", outcome: "failed", reason: message ?? "" }];
  }
  return assertionResults.map(({ fullName, status, failureMessages, meta }) => ({
    file,
    fault: fullName,
    limit: meta?.fault?.limit ?? "",
    measured: meta?.fault?.measured ?? "",
    outcome: status === "passed" ? "passed" : status === "failed" ? "failed" : "skipped",
    reason: failureMessages?.[0] ?? "",
  }));
}

process.exitCode = await main();
