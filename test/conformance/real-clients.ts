import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { tmpdir } from "node:os";
import { nodeForTools, npxArguments, runNpx } from "./npx.ts";
import type { Verdict } from "./verdict.ts";

/** What a client does with the fixture. Throws when the answer is not what the document says. */
interface ClientScenario {
  readonly name: string;
  run(prefix: string): Promise<number>;
}

const inspector = [nodeForTools, "@modelcontextprotocol/inspector@2.12.0"];
const mcpRemote = [nodeForTools, "mcp-remote@0.15.1"];
const clientTimeoutMs = 120_000;

/** Lets the Inspector CLI and mcp-remote use the server at `prefix` (its `/mcp` and `/sse`). */
export async function runRealClients(prefix: string, progress: (line: string) => void): Promise<readonly Verdict[]> {
  progress("real clients");
  const verdicts: Verdict[] = [];
  for (const scenario of [...inspectorScenarios(), ...remoteScenarios()]) {
    progress(`  ${scenario.name}`);
    verdicts.push(await judgeClient(scenario, prefix));
  }
  return verdicts;
}

async function judgeClient(scenario: ClientScenario, prefix: string): Promise<Verdict> {
  try {
    return { scenario: scenario.name, passed: await scenario.run(prefix), failed: 0, kind: "pass", note: "" };
  } catch (error) {
    const note = error instanceof Error ? error.message : String(error);
    return { scenario: scenario.name, passed: 0, failed: 1, kind: "fail", note };
  }
}

/** One call of the Inspector's command line and what its output must hold. */
interface InspectorCall {
  readonly label: string;
  readonly arguments: readonly string[];
  readonly expect: readonly string[];
}

const inspectorCalls: readonly InspectorCall[] = [
  {
    label: "tools/list",
    arguments: ["--method", "tools/list"],
    expect: ["test_simple_text", "https://json-schema.org/draft/2020-12/schema", "addressDef"],
  },
  {
    label: "tools/call",
    arguments: ["--method", "tools/call", "--tool-name", "test_simple_text"],
    expect: ["This is a simple text response for testing."],
  },
  {
    label: "tools/call with an argument in a header",
    arguments: ["--method", "tools/call", "--tool-name", "test_x_mcp_header", "--tool-arg", "region=Łódź"],
    expect: ["Łódź"],
  },
  {
    label: "tools/call of a picture",
    arguments: ["--method", "tools/call", "--tool-name", "test_image_content"],
    expect: ["image/png"],
  },
  {
    label: "prompts/get",
    arguments: [
      "--method",
      "prompts/get",
      "--prompt-name",
      "test_prompt_with_arguments",
      "--prompt-args",
      "arg1=hello",
      "arg2=world",
    ],
    expect: ["arg1='hello', arg2='world'"],
  },
  {
    label: "resources/read",
    arguments: ["--method", "resources/read", "--uri", "test://template/123/data"],
    expect: ["Data for ID: 123"],
  },
  {
    label: "resources/templates/list",
    arguments: ["--method", "resources/templates/list"],
    expect: ["test://template/{id}/data"],
  },
];

interface InspectorMode {
  readonly label: string;
  readonly path: string;
  readonly arguments: readonly string[];
}

const inspectorModes: readonly InspectorMode[] = [
  { label: "legacy", path: "/mcp", arguments: ["--protocol-era", "legacy"] },
  { label: "modern", path: "/mcp", arguments: ["--protocol-era", "modern"] },
  { label: "finds the era", path: "/mcp", arguments: ["--protocol-era", "auto"] },
  { label: "HTTP+SSE", path: "/sse", arguments: ["--transport", "sse"] },
];

function inspectorScenarios(): readonly ClientScenario[] {
  return inspectorModes.flatMap((mode) => inspectorCalls.map((call) => inspectorScenario(mode, call)));
}

function inspectorScenario(mode: InspectorMode, call: InspectorCall): ClientScenario {
  return {
    name: `Inspector CLI 2.12.0, ${mode.label}: ${call.label}`,
    run: async (prefix) => {
      const result = await runNpx({
        packages: inspector,
        command: "mcp-inspector",
        arguments: ["--cli", `${prefix}${mode.path}`, ...mode.arguments, ...call.arguments],
        timeoutMs: clientTimeoutMs,
      });
      if (result.code !== 0) throw new Error(`exit code ${result.code}: ${lastLine(result.stderr)}`);
      for (const part of call.expect) {
        if (!result.stdout.includes(part)) throw new Error(`the output lacks ${JSON.stringify(part)}`);
      }
      return call.expect.length;
    },
  };
}

function remoteScenarios(): readonly ClientScenario[] {
  return [
    { name: "mcp-remote 0.15.1: Streamable HTTP", run: (prefix) => useRemote(`${prefix}/mcp`, "http-only") },
    { name: "mcp-remote 0.15.1: HTTP+SSE", run: (prefix) => useRemote(`${prefix}/sse`, "sse-only") },
    { name: "mcp-remote 0.15.1: finds the transport", run: (prefix) => useRemote(`${prefix}/mcp`, "http-first") },
    { name: "mcp-remote 0.15.1: falls back to HTTP+SSE", run: (prefix) => useRemote(`${prefix}/sse`, "http-first") },
  ];
}

/** Connects an SDK client to mcp-remote over stdio, and through it to the gateway. */
async function useRemote(url: string, transport: string): Promise<number> {
  const client = new Client({ name: "real-clients", version: "1.0.0" });
  const stdio = new StdioClientTransport({
    command: "npx",
    args: [...npxArguments(mcpRemote, "mcp-remote"), url, "--allow-http", "--transport", transport],
    cwd: tmpdir(),
    stderr: "pipe",
  });
  const errors: string[] = [];
  stdio.stderr?.on("data", (chunk: Buffer) => errors.push(chunk.toString()));
  try {
    await client.connect(stdio, { timeout: clientTimeoutMs });
    const { tools } = await client.listTools();
    expectTrue(
      tools.some((tool) => tool.name === "test_simple_text"),
      "tools/list lacks test_simple_text",
    );
    const result = await client.callTool({ name: "test_simple_text", arguments: {} });
    expectTrue(JSON.stringify(result).includes("simple text response"), "tools/call gave another text");
    const { contents } = await client.readResource({ uri: "test://template/7/data" });
    expectTrue(JSON.stringify(contents).includes("Data for ID: 7"), "resources/read gave another text");
    return 3;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)} (${lastLine(errors.join(""))})`, {
      cause: error,
    });
  } finally {
    await client.close();
  }
}

function expectTrue(condition: boolean, complaint: string): void {
  if (!condition) throw new Error(complaint);
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
