import { readdir, readFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type NpxResult, nodeForTools, runNpx } from "./npx.ts";
import type { Check, ScenarioResult } from "./verdict.ts";

/** One run of the official suite against a server. */
export interface SuiteRun {
  /** Shown in the table and names the folder of results. */
  readonly name: string;
  /** Version of @modelcontextprotocol/conformance. */
  readonly version: string;
  /** Which scenarios: arguments of `conformance server`. */
  readonly selection: readonly string[];
  /** Revision whose extensions are looked up; absent when the version knows none. */
  readonly requirements?: string;
  readonly expectedFailures: URL;
}

export interface SuiteOutput extends NpxResult {
  readonly results: readonly ScenarioResult[];
}

const suiteTimeoutMs = 600_000;

/** The scenarios that a revision lists as extensions, which are run but never scored. */
export async function listExtensions(run: SuiteRun): Promise<ReadonlySet<string>> {
  if (run.requirements === undefined) return new Set();
  const listing = await conformance(run.version, ["list", "--server", "--requirements", run.requirements]);
  const section = /^ {2}extension \(\d+\):\n((?: {4}- .*\n?)*)/m.exec(listing.stdout)?.[1] ?? "";
  return new Set(Array.from(section.matchAll(/- (\S+) \[server\]/g), ([, scenario = ""]) => scenario));
}

/** Runs the suite against a server's URL. `onScenario` hears of each scenario as it begins. */
export async function runSuite(
  run: SuiteRun,
  url: string,
  resultsFolder: URL,
  onScenario: (scenario: string) => void,
): Promise<SuiteOutput> {
  await rm(resultsFolder, { recursive: true, force: true });
  const result = await conformance(
    run.version,
    [
      "server",
      "--url",
      url,
      ...run.selection,
      "--expected-failures",
      fileURLToPath(run.expectedFailures),
      "--output-dir",
      fileURLToPath(resultsFolder),
    ],
    (line) => {
      const scenario = /^=== Running scenario: (\S+) ===$/.exec(line)?.[1];
      if (scenario !== undefined) onScenario(scenario);
    },
  );
  return { ...result, results: await readResults(resultsFolder, result.stdout) };
}

function conformance(
  version: string,
  args: readonly string[],
  onLine: (line: string) => void = () => undefined,
): Promise<NpxResult> {
  return runNpx({
    packages: [nodeForTools, `@modelcontextprotocol/conformance@${version}`],
    command: "conformance",
    arguments: args,
    timeoutMs: suiteTimeoutMs,
    onLine,
  });
}

/** Reads `server-SCENARIO-TIME/checks.json`, in the order in which the scenarios ran. */
async function readResults(folder: URL, stdout: string): Promise<readonly ScenarioResult[]> {
  const folders = await readdir(folder).catch(() => []);
  const order = Array.from(stdout.matchAll(/^=== Running scenario: (\S+) ===$/gm), ([, scenario = ""]) => scenario);
  return Promise.all(
    order.map(async (scenario) => {
      const name = folders.find((entry) => entry.replace(/-\d{4}-\d{2}-\d{2}T[\d-]+Z$/, "") === `server-${scenario}`);
      return { scenario, checks: name === undefined ? [] : await readChecks(new URL(`${name}/checks.json`, folder)) };
    }),
  );
}

async function readChecks(file: URL): Promise<readonly Check[]> {
  return JSON.parse(await readFile(file, "utf8")) as Check[]; // written by the suite a moment ago
}
