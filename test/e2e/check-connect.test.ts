import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { runProgram } from "../../src/cli/program.ts";
import { createDocumentFolder } from "../fixtures/served-folder.ts";
import { changingServer } from "../fixtures/upstreams/changing-server.ts";
import { buildFixtureProgram } from "../fixtures/upstreams/fixture-program.ts";
import { serveHttp } from "../fixtures/upstreams/serve-fixture.ts";

const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const part of opened.splice(0).toReversed()) await part.close();
});

async function check(document: object, ...flags: readonly string[]): Promise<{ exitCode: number; output: string }> {
  const folder = await createDocumentFolder({ "crm.yaml": { routes: [{ prefix: "/crm" }], name: "crm", ...document } });
  opened.push(folder);
  let output = "";
  const write = (text: string): void => void (output += text);
  const args = ["check", ...flags, "--format", "json", join(folder.path, "crm.yaml")];
  const exitCode = await runProgram(args, { write, writeError: write, isInteractive: false, environment: {} });
  return { exitCode, output };
}

async function listen(name: string, ...tools: readonly string[]): Promise<object> {
  const fixture = await serveHttp(changingServer(name, ...tools), "2025-11-25");
  opened.push(fixture);
  return { kind: "mcp", url: fixture.url, egress: { allow: ["127.0.0.1"] } };
}

function messagesOf(output: string): unknown[] {
  const { problems } = JSON.parse(output) as { problems: { severity: string; path: unknown[]; message: string }[] };
  return problems.map(({ severity, path, message }) => `${severity} ${path.join(".")}: ${message}`);
}

it("check --connect tells what upstreams do not offer, and which names are taken", async () => {
  const upstreams = { a: await listen("a", "find", "get"), b: await listen("b", "find") };
  const tools = {
    include: ["find", "lst_*"],
    rename: { gett: "fetch" },
    overrides: { find: { arguments: { text: "x", txt: "y" } }, remove: {} },
  };
  const expose = [
    { upstream: "a", prefix: "", tools },
    { upstream: "b", prefix: "", prompts: { include: ["*", "greet*"] } },
  ];
  const quiet = await check({ upstreams, expose });
  expect(messagesOf(quiet.output)).toEqual([
    "warning expose.0.tools.rename.gett: the tool gett is not among those that are shown",
    "warning expose.0.tools.overrides.remove: the tool remove is not among those that are shown",
  ]);
  const { exitCode, output } = await check({ upstreams, expose }, "--connect");
  expect(exitCode).toBe(0);
  expect(messagesOf(output).slice(2)).toEqual([
    "warning expose.0.tools.include.1: nothing that the upstream offers matches lst_*",
    "warning expose.0.tools.rename.gett: the upstream offers nothing that is called gett",
    "warning expose.0.tools.overrides.remove: the upstream offers nothing that is called remove",
    "warning expose.0.tools.overrides.find.arguments.txt: the tool find has no argument txt",
    "warning expose.1.prompts.include.1: nothing that the upstream offers matches greet*",
    expect.stringMatching(/^warning upstreams\.b: the tool find is not shown: .*the upstream a/),
  ]);
});

it("check --connect fails for upstreams that cannot be reached, started or listed, each with its reason", async () => {
  const gone = await serveHttp(changingServer("gone"), "2025-11-25");
  await gone.close();
  const program = await buildFixtureProgram();
  opened.push(program);
  const upstreams = {
    program: { kind: "mcp", ...program.command("--fixture", "matrix", "--transport", "stdio", "--sdk", "2025-11-25") },
    missing: { kind: "mcp", command: "passerelle-no-such-program" },
    closed: { kind: "mcp", url: gone.url, egress: { allow: ["127.0.0.1"] } },
    secretless: { kind: "mcp", url: "https://mcp.example/mcp", headers: { "x-key": "${secrets.NOBODY}" } },
  };
  const { exitCode, output } = await check({ upstreams }, "--connect");
  expect(exitCode).toBe(1);
  expect(messagesOf(output)).toEqual([
    "warning upstreams.secretless.headers.x-key: the secret NOBODY is not set",
    expect.stringMatching(/^error upstreams\.missing: .*passerelle-no-such-program/),
    expect.stringMatching(/^error upstreams\.closed: .*`closed`/),
    expect.stringMatching(/^error upstreams\.secretless: .*NOBODY/),
  ]);
});
