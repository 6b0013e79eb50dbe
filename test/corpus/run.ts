// `npm run corpus`: the descriptions that `npm test` takes and the large ones, and the table of docs/openapi-corpus.md.
// `-- --quick` leaves the large ones out.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { CorpusRow, TripCounts } from "./corpus-row.ts";
import { corpusPage } from "./corpus-page.ts";
import { thoroughVariable } from "./thorough.ts";

const resultsPath = new URL("../../results/corpus/report.json", import.meta.url);
const pagePath = new URL("../../docs/openapi-corpus.md", import.meta.url);
const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));

/** What is read of vitest's JSON report. */
interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[] | null;
      readonly meta?: { readonly corpus?: CorpusRow; readonly trips?: TripCounts };
    }[];
  }[];
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { quick: { type: "boolean" } } });
  const isQuick = values.quick === true;
  await mkdir(new URL(".", resultsPath), { recursive: true });
  const child = spawn(
    process.execPath,
    // One file at a time: the page tells how long each takes.
    [
      vitest,
      "run",
      "--no-file-parallelism",
      "--reporter=json",
      `--outputFile=${fileURLToPath(resultsPath)}`,
      "test/corpus",
    ],
    {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, [thoroughVariable]: isQuick ? "quick" : "thorough" },
    },
  );
  await once(child, "exit");
  const report = JSON.parse(await readFile(resultsPath, "utf8")) as Report; // vitest wrote it
  const results = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = results.filter(({ status }) => status === "failed");
  for (const { fullName, failureMessages } of failed) {
    process.stdout.write(`FAIL ${fullName}\n${failureMessages?.[0]?.split("\n", 12).join("\n") ?? ""}\n`);
  }
  const rows = results.flatMap(({ meta }) => meta?.corpus ?? []);
  const [trips] = results.flatMap(({ meta }) => meta?.trips ?? []);
  if (failed.length === 0 && trips !== undefined) await writeFile(pagePath, corpusPage(rows, trips, isQuick));
  process.stdout.write(`${results.length - failed.length} passed, ${failed.length} failed\n`);
  return failed.length > 0 || rows.length === 0 ? 1 : 0;
}

process.exitCode = await main();
