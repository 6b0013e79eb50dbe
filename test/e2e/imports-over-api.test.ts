import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ApiClient } from "../fixtures/api-client.ts";
import { type LocalBackend, startBackend } from "../fixtures/local-backend.ts";
import { until } from "../fixtures/resources.ts";
import { testProgram } from "../fixtures/test-program.ts";

const limits = { timeout: 300_000 };
const servers = "/tenants/default/servers";
const imports = "/tenants/default/imports";

let folder: string;
let child: ChildProcess;
let output = "";
let backend: LocalBackend;
let paths: object;
let api: ApiClient;
let client: Client;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "passerelle-import-"));
  paths = { "/pets/{id}": { get: operation("get_pet", "Gets a pet.", ["id"]) } };
  backend = await startBackend((request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(
      request.url === "/openapi.json" ? JSON.stringify(description(paths)) : JSON.stringify({ seen: request.url }),
    );
  });
  const ports = ["--port", "0", "--ops-port", "0", "--api-port", "0"];
  const args = ["start", ...ports, "--state-dir", folder, "--import-allow", "127.0.0.1"];
  child = spawn(process.execPath, [testProgram(), ...args], { stdio: ["ignore", "pipe", "inherit"] });
  child.stdout?.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  await until(() => output.includes("Ctrl+C ends it."), "the program is up", 120_000);
  api = new ApiClient(/http:\/\/[^ ]+(?=\/setup#)/.exec(output)?.[0] ?? "");
  await api.setUp(() => output);
}, limits.timeout);

afterAll(async () => {
  await client?.close();
  if (child.exitCode === null) child.kill("SIGKILL");
  await backend.close();
  await rm(folder, { recursive: true });
});

test("from a description to a tool that works, and an edit that stays", limits, async () => {
  const url = `${backend.url}/openapi.json`;
  const preview = await api.send("POST", `${imports}/openapi/preview`, { url });
  expect(preview).toMatchObject({ status: 200, body: { name: "pets", isValid: true, statistics: { tools: 1 } } });
  expect((await api.send("GET", `${servers}/pets`)).status).toBe(404);

  const committed = await api.send(
    "POST",
    `${imports}/openapi/commit`,
    { url },
    { "idempotency-key": "one-import-of-pets-0001" },
  );
  expect(committed).toMatchObject({ status: 201, body: { server: { name: "pets", version: 1 } } });
  const again = await api.send(
    "POST",
    `${imports}/openapi/commit`,
    { url },
    { "idempotency-key": "one-import-of-pets-0001" },
  );
  expect(again.body).toStrictEqual(committed.body);
  expect(await api.send("POST", `${imports}/openapi/commit`, { url })).toMatchObject({ status: 409 });

  const { body } = await api.send("GET", `${servers}/pets`);
  const edited = String(body["text"])
    .replace("- prefix: /pets", "- prefix: /pets\n    access: public # for everybody")
    .replace("description: Gets a pet.", "description: Ours.")
    .replace(/^( +)baseUrl:/m, "$1egress: { allow: [127.0.0.1] }\n$1baseUrl:")
    .replace("api: { kind: http,", "api: { egress: { allow: [127.0.0.1] }, kind: http,");
  expect(await api.send("PUT", `${servers}/pets`, { text: edited }, { "if-match": '"1"' })).toMatchObject({
    status: 200,
  });
  await connect();
  expect(await call("get_pet", { id: "7" })).toContain("/pets/7");

  paths = {
    "/pets/{id}": { get: operation("get_pet", "Finds a pet.", ["id"]) },
    "/owners/{id}": { get: operation("get_owner", "Gets an owner.", ["id"]) },
  };
  const tried = await api.send("POST", `${servers}/pets/re-import`, {}, { "if-match": '"2"' });
  expect(tried).toMatchObject({
    status: 200,
    body: {
      isChanged: true,
      diff: {
        added: [{ tool: "get_owner", operation: "GET /owners/{id}" }],
        conflicts: [
          { tool: "get_pet", path: "description", base: "Gets a pet.", mine: "Ours.", theirs: "Finds a pet." },
        ],
      },
    },
  });
  expect((await api.send("GET", `${servers}/pets`)).body["version"]).toBe(2);
  expect(await api.send("POST", `${servers}/pets/re-import`, {}, { "if-match": '"1"' })).toMatchObject({ status: 409 });

  const done = await api.send("POST", `${servers}/pets/re-import`, { preview: false }, { "if-match": '"2"' });
  expect(done).toMatchObject({ status: 200, body: { server: { version: 3 } } });
  const text = String((await api.send("GET", `${servers}/pets`)).body["text"]);
  expect(text).toBe(tried.body["text"]);
  for (const kept of ["access: public # for everybody", "description: Ours.", "egress: { allow: [127.0.0.1] }"]) {
    expect(text).toContain(kept);
  }
  await until(async () => (await client.listTools()).tools.length === 2, "the new tool is served");
  expect(await call("get_owner", { id: "8" })).toContain("/owners/8");
  expect((await api.send("GET", `${servers}/pets/import`)).body).toMatchObject({
    source: url,
    canFetch: true,
    tools: 2,
  });
  const quiet = await api.send("POST", `${servers}/pets/re-import`, { preview: false }, { "if-match": '"3"' });
  expect(quiet).toMatchObject({
    status: 200,
    body: { isChanged: false, server: { version: 3 }, diff: { conflicts: [] } },
  });
});

test("calls are answered while 20 MB are imported", limits, async () => {
  let isDone = false;
  const text = largeDescription();
  expect(text.length).toBeGreaterThan(20_000_000);
  const body = { text, choices: { name: "large" } };
  const begun = performance.now();
  const importing = api.send("POST", `${imports}/openapi/preview`, body).finally(() => {
    isDone = true;
  });
  let calls = 0;
  let longest = 0;
  while (!isDone) {
    const before = performance.now();
    await call("get_pet", { id: String(calls) });
    longest = Math.max(longest, performance.now() - before);
    calls++;
  }
  expect(await importing).toMatchObject({ status: 200, body: { statistics: { tools: 200 } } });
  expect(calls).toBeGreaterThan(20);
  // In the same thread one call would wait for all of it.
  expect(longest / (performance.now() - begun)).toBeLessThan(0.5);
});

test("what cannot be fetched is told to the caller, and private addresses are not looked at", limits, async () => {
  const fetching = (url: string) => api.send("POST", `${imports}/openapi/preview`, { url });
  expect(await fetching("http://10.0.0.1/openapi.json")).toMatchObject({
    status: 422,
    body: { detail: expect.stringContaining("--import-allow") },
  });
  expect(await fetching(`${backend.url}/nothing-here`)).toMatchObject({ status: 422 });
  expect(await api.send("POST", `${imports}/openapi/preview`, { text: "{}", url: backend.url })).toMatchObject({
    status: 400,
  });
});

test("configurations of clients, curl commands and exports", limits, async () => {
  const config = {
    mcpServers: { files: { command: "npx", args: ["-y", "files"], env: { API_KEY: "s3cr3t-abcdef-0123456789" } } },
  };
  const clients = await api.send("POST", `${imports}/mcp-json/preview`, { text: JSON.stringify(config), name: "desk" });
  expect(clients).toMatchObject({
    status: 200,
    body: { documents: [{ name: "desk", isValid: true, permissions: [{ permission: "stdio.define" }] }] },
  });
  expect(JSON.stringify(clients.body)).not.toContain("s3cr3t");
  const curl = await api.send("POST", `${imports}/curl/preview`, { text: "curl https://shop.example/orders/7" });
  expect(curl).toMatchObject({ status: 200, body: { documents: [{ isValid: true }] } });
  expect(await api.send("POST", `${imports}/unla/preview`, { text: "a: [" })).toMatchObject({
    status: 422,
    body: { detail: expect.stringContaining(":1:") },
  });
  const snippets = await api.send("GET", `${servers}/pets/client-snippets?url=https://mcp.example.com&client=cursor`);
  expect(snippets).toMatchObject({
    status: 200,
    body: { url: "https://mcp.example.com/pets/mcp", needsKey: false, snippets: [{ client: "cursor" }] },
  });
  expect(await api.send("GET", `${servers}/pets/server.json?url=https://mcp.example.com`)).toMatchObject({
    status: 200,
    body: { name: "com.example.mcp/pets", remotes: [{ url: "https://mcp.example.com/pets/mcp" }, {}] },
  });
});

async function connect(): Promise<void> {
  const demo = new URL(/http:\/\/[^ ]+\/mcp/.exec(output)?.[0] ?? "");
  const endpoint = new URL("/pets/mcp", demo);
  await until(async () => (await fetch(endpoint, { method: "POST" })).status !== 404, "the server is served");
  client = new Client({ name: "test", version: "1" });
  await client.connect(new StreamableHTTPClientTransport(endpoint));
}

async function call(name: string, args: Record<string, unknown>): Promise<string> {
  return JSON.stringify(await client.callTool({ name, arguments: args }));
}

function operation(operationId: string, summary: string, inPath: string[] = []): object {
  const parameters = inPath.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } }));
  return { operationId, summary, parameters, responses: { 200: { description: "ok" } } };
}

function description(itsPaths: object, more: object = {}): object {
  const info = { title: "Pets", version: "1" };
  return { openapi: "3.1.0", info, servers: [{ url: backend.url }], paths: itsPaths, ...more };
}

/** As large descriptions are: most of it schemas with many words. */
function largeDescription(): string {
  const words = "what this field is for, and when it is there. ".repeat(40);
  const properties = Object.fromEntries(
    Array.from({ length: 10 }, (_, index) => [`field${index}`, { type: "string", description: words }]),
  );
  const schemas = Object.fromEntries(
    Array.from({ length: 1_100 }, (_, index) => [`Thing${index}`, { type: "object", properties }]),
  );
  const many = Object.fromEntries(
    Array.from({ length: 200 }, (_, index) => {
      const schema = { $ref: `#/components/schemas/Thing${index}` };
      const responses = { 200: { description: "ok", content: { "application/json": { schema } } } };
      return [`/things${index}`, { get: { operationId: `get_thing_${index}`, summary: "Gets it.", responses } }];
    }),
  );
  return JSON.stringify(description(many, { components: { schemas } }));
}
