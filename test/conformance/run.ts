// `npm run conformance`: the official suite and real clients against a gateway that is built from
// configuration alone, and one that serves MCP servers through. `-- --only NAME` runs one part: a
// revision, 0.1.16 (the older suite), clients, proxy-UPSTREAM, real-servers, or client-REVISION and
// client-0.1.16, where the gateway is the client.
import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { openConformanceSite } from "../fixtures/conformance-site.ts";
import { startGatewayProcess } from "../fixtures/gateway-process.ts";
import { withClientCommand } from "./client-suite.ts";
import { listExtensions, runSuite, type Subject, type SuiteRun } from "./conformance-cli.ts";
import { readExpectedFailures } from "./expected-failures.ts";
import { requireNpx } from "./npx.ts";
import { runRealClients } from "./real-clients.ts";
import { type ProxiedUpstream, proxiedUpstreams, withProxiedGateway } from "./proxied-gateway.ts";
import { runRealServers } from "./real-servers.ts";
import { countFailures, formatSummary, formatTable, type Section } from "./report.ts";
import { judge } from "./verdict.ts";

const current = "0.2.0-alpha.12";
const resultsFolder = new URL("../../results/conformance/", import.meta.url);

const runs: readonly SuiteRun[] = [
  {
    name: "2025-11-25",
    version: current,
    selection: ["--requirements", "2025-11-25"],
    requirements: "2025-11-25",
    expectedFailures: new URL("expected-failures-2025-11-25.yml", import.meta.url),
  },
  {
    name: "2026-07-28",
    version: current,
    selection: ["--requirements", "2026-07-28"],
    requirements: "2026-07-28",
    expectedFailures: new URL("expected-failures-2026-07-28.yml", import.meta.url),
  },
  {
    name: "2025-06-18",
    version: current,
    selection: ["--suite", "all", "--spec-version", "2025-06-18"],
    expectedFailures: new URL("expected-failures-2025-06-18.yml", import.meta.url),
  },
  {
    name: "2025-03-26",
    version: current,
    selection: ["--suite", "all", "--spec-version", "2025-03-26"],
    expectedFailures: new URL("expected-failures-2025-03-26.yml", import.meta.url),
  },
  {
    name: "0.1.16",
    version: "0.1.16",
    selection: ["--suite", "all"],
    expectedFailures: new URL("expected-failures-0.1.16.yml", import.meta.url),
  },
];

const requirements = ["2025-11-25", "2026-07-28"] as const;

/** The same requirements through the gateway in front of an MCP server: `proxy-UPSTREAM` runs both. */
function proxiedRun(upstream: ProxiedUpstream, revision: (typeof requirements)[number]): SuiteRun {
  const wire = upstream.startsWith("modern") ? "modern" : "legacy";
  return {
    name: `proxy-${upstream}-${revision}`,
    version: current,
    selection: ["--requirements", revision],
    requirements: revision,
    expectedFailures: new URL(`expected-failures-proxied-${wire}-${revision}.yml`, import.meta.url),
  };
}

/** The same requirements for clients, and those for servers of 2025-03-26. */
const clientRuns: readonly SuiteRun[] = [
  ...requirements.map((revision) => ({
    name: `client-${revision}`,
    version: current,
    selection: ["--requirements", revision],
    requirements: revision,
    expectedFailures: new URL(`expected-failures-client-${revision}.yml`, import.meta.url),
  })),
  {
    name: "client-2025-03-26",
    version: current,
    selection: ["--suite", "backcompat"],
    expectedFailures: new URL("expected-failures-client-2025-03-26.yml", import.meta.url),
  },
  {
    name: "client-0.1.16",
    version: "0.1.16",
    selection: ["--suite", "all"],
    expectedFailures: new URL("expected-failures-client-0.1.16.yml", import.meta.url),
  },
];

type Part = () => Promise<readonly Section[]>;

const parts: Readonly<Record<string, Part>> = {
  ...Object.fromEntries(runs.map((run) => [run.name, () => runAll([run], withGateway)])),
  ...Object.fromEntries(
    proxiedUpstreams.map((upstream) => [
      `proxy-${upstream}`,
      () =>
        runAll(
          requirements.map((revision) => proxiedRun(upstream, revision)),
          (use) => withProxiedGateway(upstream, use),
        ),
    ]),
  ),
  ...Object.fromEntries(clientRuns.map((run) => [run.name, () => runAsClient(run)])),
  "real-servers": async () => [{ name: "real servers", verdicts: await runRealServers(progress) }],
  clients: async () => [{ name: "real clients", verdicts: await withGateway((url) => runRealClients(url, progress)) }],
};

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { only: { type: "string" } } });
  if (values.only !== undefined && !Object.hasOwn(parts, values.only)) {
    console.error(`--only takes one of: ${Object.keys(parts).join(", ")}`);
    return 2;
  }
  try {
    await requireNpx();
  } catch (error) {
    progress(`\nNOT RUN: ${messageOf(error)}\n`);
    console.log("0 passed, 1 failed");
    return 1;
  }
  const sections: Section[] = [];
  for (const [name, run] of Object.entries(parts)) {
    if (values.only === undefined || values.only === name) sections.push(...(await attempt(name, run)));
  }
  await mkdir(resultsFolder, { recursive: true });
  await writeFile(new URL("summary.json", resultsFolder), `${JSON.stringify(sections, null, 2)}\n`);
  console.log(formatTable(sections));
  console.log(`\n${formatSummary(sections)}`);
  return countFailures(sections) === 0 ? 0 : 1;
}

/** A part that cannot run at all fails loudly, and the others still run. */
async function attempt(name: string, run: Part): Promise<readonly Section[]> {
  try {
    return await run();
  } catch (error) {
    const note = messageOf(error);
    progress(`\nNOT RUN: ${name}: ${note}\n`);
    return [
      { name, verdicts: [{ scenario: "did not run", passed: 0, failed: 1, kind: "fail", note: firstLine(note) }] },
    ];
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}

/** A gateway for as long as it is used; `prefix` is where its endpoints lie. */
type WithGateway = (use: (prefix: string) => Promise<Section>) => Promise<Section>;

async function runAll(runs: readonly SuiteRun[], withGateway: WithGateway): Promise<readonly Section[]> {
  const sections: Section[] = [];
  for (const run of runs) {
    sections.push(await withGateway((prefix) => runOfficialSuite(run, { side: "server", url: `${prefix}/mcp` })));
  }
  return sections;
}

/** The gateway as the client of the suite's own servers. */
async function runAsClient(run: SuiteRun): Promise<readonly Section[]> {
  const folder = new URL("client-program/", resultsFolder);
  return [await withClientCommand(folder, (command) => runOfficialSuite(run, { side: "client", command }))];
}

async function runOfficialSuite(run: SuiteRun, subject: Subject): Promise<Section> {
  const name = `${run.name}: suite ${run.version} ${run.selection.join(" ")}`;
  progress(name);
  const { side } = subject;
  const [expected, extensions] = await Promise.all([
    readExpectedFailures(run.expectedFailures, side),
    listExtensions(run, side),
  ]);
  const folder = new URL(`${run.name}/`, resultsFolder);
  const output = await runSuite(run, subject, folder, (scenario) => progress(`  ${scenario}`));
  if (output.results.length === 0) {
    throw new Error(`The suite ran no scenario (exit code ${output.code}).\n${output.stdout}\n${output.stderr}`);
  }
  return { name, verdicts: judge(output.results, expected, extensions) };
}

/** Runs `use` against a fresh gateway process; `url` is the prefix of the fixture's endpoints. */
async function withGateway<Result>(use: (url: string) => Promise<Result>): Promise<Result> {
  const site = await openConformanceSite();
  try {
    const gateway = await startGatewayProcess(site.directory, "installed");
    try {
      return await use(`${gateway.url}/conformance`);
    } finally {
      await gateway.close();
    }
  } finally {
    await site.close();
  }
}

function progress(line: string): void {
  console.error(line);
}

process.exitCode = await main();
