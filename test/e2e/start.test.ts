import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ApiClient } from "../fixtures/api-client.ts";
import { type LegacySession, openSession } from "../fixtures/legacy-session.ts";
import { testProgram } from "../fixtures/test-program.ts";

let folder: string;
let state: string;
let own: string;
let child: ChildProcess;
let welcome: string;
let session: LegacySession;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "passerelle-start-"));
  state = await mkdtemp(join(tmpdir(), "passerelle-state-"));
  own = join(folder, "own.yaml");
  await writeFile(own, ownDocument("first"));
  const ports = ["--port", "0", "--ops-port", "0", "--api-port", "0"];
  const args = ["start", ...ports, "--config", folder, "--state-dir", state];
  child = spawn(process.execPath, [testProgram(), ...args], { stdio: ["ignore", "pipe", "inherit"] });
  welcome = await outputUntil(child, "Ctrl+C ends it.");
  session = await openSession(address("Demo server"), "2025-11-25");
});

afterAll(async () => {
  if (child.exitCode === null) child.kill("SIGKILL");
  await rm(folder, { recursive: true });
  await rm(state, { recursive: true });
});

function ownDocument(title: string): string {
  return `name: own\ntitle: ${title}\nroutes:\n  - { prefix: /own, access: public }\n`;
}

function outputUntil(process: ChildProcess, sign: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    process.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes(sign)) resolve(output);
    });
    process.once("exit", () => reject(new Error(`ended before ${sign}: ${output}`)));
  });
}

/** The address that the welcome tells behind a name. */
function address(name: string): string {
  const line = welcome.split("\n").find((text) => text.trim().startsWith(name));
  return /http:\/\/[^ ]+/.exec(line ?? "")?.[0] ?? "";
}

async function result(method: string, params: object): Promise<unknown> {
  const answer = await session.post({ jsonrpc: "2.0", id: 1, method, params });
  const text = answer.text.startsWith("{") ? answer.text : (/^data: (\{.*)$/m.exec(answer.text)?.[1] ?? "{}");
  const message: unknown = JSON.parse(text);
  return typeof message === "object" && message !== null && "result" in message ? message.result : message;
}

function call(name: string, args: object): Promise<unknown> {
  return result("tools/call", { name, arguments: args });
}

async function run(...args: string[]): Promise<{ exitCode: unknown; output: string }> {
  const other = spawn(process.execPath, [testProgram(), ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  other.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [exitCode] = await once(other, "close");
  return { exitCode, output };
}

test("the welcome tells how to connect clients, and names own servers", () => {
  const endpoint = address("Demo server");
  expect(welcome).toContain(`claude mcp add --transport http shop-demo ${endpoint}\n`);
  expect(welcome).toContain(`{"mcpServers":{"shop-demo":{"url":"${endpoint}"}}}\n`);
  expect(address("Your server")).toBe(endpoint.replace("/demo/", "/own/"));
});

test("every tool of the demo works without a network", async () => {
  expect(await call("search_customers", { text: "kobe" })).toMatchObject({
    content: [{ text: expect.stringContaining('"Hiro Tanaka"') }],
  });
  expect(await call("get_customer", { id: "c1" })).toMatchObject({
    structuredContent: { id: "c1", name: "Ada Okafor", orders: 6 },
  });
  expect(await call("create_customer", { name: "Ines", email: "ines@shop.example" })).toMatchObject({
    content: [{ text: expect.stringContaining('"city":"Basel"') }],
  });
  expect(await call("list_orders", { customer: "c2", status: ["open", "paid"] })).toMatchObject({
    content: [{ text: expect.not.stringContaining("shipped") }],
  });
  expect(await call("add_order_note", { order: "o1", text: "a & b" })).toMatchObject({
    content: [{ text: "Notes on order o1: 1" }],
  });
  expect(await call("customer_chart", { id: "c1" })).toMatchObject({
    content: [{ type: "image", mimeType: "image/png", data: expect.stringMatching(/^iVBORw0KGgo/) }],
  });
});

test("mistakes reach the model as errors that it can read", async () => {
  expect(await call("get_customer", { id: "c99" })).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining("there is no customer c99") }],
  });
  expect(await call("get_customer", {})).toMatchObject({ isError: true });
});

test("the slow report tells its progress", async () => {
  const request = { name: "turnover_report", arguments: {}, _meta: { progressToken: "p" } };
  const stream = await session.stream({ jsonrpc: "2.0", id: 2, method: "tools/call", params: request });
  const progress: unknown[] = [];
  for (;;) {
    const message = await stream.message();
    if (typeof message !== "object" || message === null) throw new Error("the stream ended early");
    if ("method" in message && message.method === "notifications/progress" && "params" in message) {
      progress.push(message.params);
    }
    if (!("result" in message)) continue;
    expect(message.result).toMatchObject({ content: [{ text: expect.stringContaining('"total"') }] });
    break;
  }
  expect(progress).toHaveLength(6);
  expect(progress.at(-1)).toMatchObject({ progressToken: "p", progress: 6, total: 6, message: "month 6" });
});

test("prompts, resources and templates of the demo work", async () => {
  expect(await result("prompts/get", { name: "customer_letter", arguments: { customer: "c3" } })).toMatchObject({
    messages: [{ content: { text: expect.stringContaining("friendly letter to customer c3") } }],
  });
  expect(await result("resources/read", { uri: "shop://handbook" })).toMatchObject({
    contents: [{ text: expect.stringContaining("# The demo shop") }],
  });
  expect(await result("resources/read", { uri: "shop://customers/c1" })).toMatchObject({
    contents: [{ text: expect.stringContaining("Ada Okafor") }],
  });
});

test("plan compares with the running gateway, and a save is served without a restart", async () => {
  const gateway = ["--gateway", address("Operations")];
  const elsewhere = await mkdtemp(join(tmpdir(), "passerelle-plan-"));
  const changed = join(elsewhere, "own.yaml");
  await writeFile(changed, ownDocument("second"));
  const plan = await run("plan", changed, ...gateway, "--detailed-exit-code");
  await rm(elsewhere, { recursive: true });

  expect(plan).toMatchObject({ exitCode: 3, output: expect.stringContaining("~ server default/own\n  ~ key title\n") });
  expect(plan.output).toContain("- server default/shop-demo");

  const listening = await openSession(address("Your server"), "2025-11-25");
  const stream = await listening.listen();
  await writeFile(own, `${ownDocument("third")}resources:\n  - { uri: "a:b", name: b, text: c }\n`);
  expect(await stream.message()).toMatchObject({ method: "notifications/resources/list_changed" });
  await listening.end();
});

test("the control plane beside it keeps servers, which the gateway serves", async () => {
  const api = new ApiClient(address("Control plane").replace(/\/$/, ""));
  await api.setUp(() => welcome);
  const text = "name: kept\nroutes:\n  - { prefix: /kept, access: public }\n";
  expect(await api.send("POST", "/tenants/default/servers", { text, message: "" })).toMatchObject({ status: 201 });
  const openKept = (): Promise<LegacySession | undefined> =>
    openSession(address("Demo server").replace("/demo/", "/kept/"), "2025-11-25").catch(() => undefined);
  // Another process gives no event when it serves, so this one asks.
  let served = await openKept();
  for (const askedAt = Date.now(); served === undefined && Date.now() < askedAt + 15_000; ) served = await openKept();
  expect(served).toBeDefined();
  await served?.end();
  expect(await api.send("GET", "/gateways")).toMatchObject({ body: { items: [{ state: "live" }] } });
});

test("SIGTERM ends gateway and shop with 0", async () => {
  const ended = once(child, "exit");
  await session.end();
  child.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
});
