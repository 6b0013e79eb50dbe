import { readdir, readFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { readClientOutcome } from "./client-outcome.ts";
import { type NpxResult, nodeForTools, runNpx } from "./npx.ts";
import type { Check, ScenarioResult } from "./verdict.ts";

/** What the suite judges: a server by its URL, or the client that a command starts per scenario. */
export type Subject =
  | { readonly side: "server"; readonly url: string }
  | { readonly side: "client"; readonly command: string };

/** One run of the official suite. */
export interface SuiteRun {
  /** Shown in the table and names the folder of results. */
  readonly name: string;
  /** Version of @modelcontextprotocol/conformance. */
  readonly version: string;
  /** Which scenarios: arguments of `conformance server` and `conformance client`. */
  readonly selection: readonly string[];
  /** Revision whose extensions are looked up; absent when the version knows none. */
  readonly requirements?: string;
  readonly expectedFailures: URL;
}

export interface SuiteOutput extends NpxResult {
  readonly results: readonly ScenarioResult[];
}

const suiteTimeoutMs = 600_000;
/** The suite starts all clients at once, however few processors there are. */
const clientTimeoutMs = 180_000;

/** The scenarios that a revision lists as extensions, which are run but never scored. */
export async function listExtensions(run: SuiteRun, side: Subject["side"]): Promise<ReadonlySet<string>> {
  if (run.requirements === undefined) return new Set();
  const listing = await conformance(run.version, ["list", `--${side}`, "--requirements", run.requirements]);
  const section = /^ {2}extension \(\d+\):\n((?: {4}- .*\n?)*)/m.exec(listing.stdout)?.[1] ?? "";
  const entries = Array.from(section.matchAll(/- (\S+) \[(\w+)\]/g));
  return new Set(entries.filter(([, , leg]) => leg === side).map(([, scenario = ""]) => scenario));
}

/** Runs the suite. `onScenario` hears of each scenario as it begins or, of clients, when all are over. */
export async function runSuite(
  run: SuiteRun,
  subject: Subject,
  resultsFolder: URL,
  onScenario: (scenario: string) => void,
): Promise<SuiteOutput> {
  await rm(resultsFolder, { recursive: true, force: true });
  const result = await conformance(
    run.version,
    [
      ...subjectArguments(subject),
      ...run.selection,
      "--expected-failures",
      fileURLToPath(run.expectedFailures),
      "--output-dir",
      fileURLToPath(resultsFolder),
    ],
    (line) => {
      const scenario = scenarioOf(line);
      if (scenario !== undefined) onScenario(scenario);
    },
  );
  return { ...result, results: await readResults(resultsFolder, result.stdout, subject.side) };
}

function subjectArguments(subject: Subject): readonly string[] {
  switch (subject.side) {
    case "server":
      return ["server", "--url", subject.url];
    case "client":
      return ["client", "--command", subject.command, "--timeout", String(clientTimeoutMs)];
  }
}

/** The scenario that a line of the suite is about: servers' as it begins, clients' in the summary. */
function scenarioOf(line: string): string | undefined {
  const match = /^=== Running scenario: (\S+) ===$/.exec(line) ?? /^[✓✗] (\S+): \d+ passed/.exec(line);
  return match?.[1];
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

/** Reads `server-SCENARIO-TIME` or `SCENARIO-TIME`, in the order in which the scenarios ran. */
async function readResults(folder: URL, stdout: string, side: Subject["side"]): Promise<readonly ScenarioResult[]> {
  const folders = await readdir(folder, { recursive: true }).catch(() => []);
  const order = stdout.split("\n").flatMap((line) => scenarioOf(line) ?? []);
  const prefix = side === "server" ? "server-" : "";
  return Promise.all(
    [...new Set(order)].map(async (scenario) => {
      const name = folders.find((entry) => entry.replace(/-\d{4}-\d{2}-\d{2}T[\d-]+Z$/, "") === `${prefix}${scenario}`);
      if (name === undefined) return { scenario, checks: [] };
      const checks = await readChecks(new URL(`${name}/checks.json`, folder));
      if (side === "server") return { scenario, checks };
      return { scenario, checks: [...checks, await readClientOutcome(new URL(`${name}/stdout.txt`, folder))] };
    }),
  );
}

async function readChecks(file: URL): Promise<readonly Check[]> {
  return JSON.parse(await readFile(file, "utf8")) as Check[]; // written by the suite a moment ago
}
