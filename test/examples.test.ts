import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { LoggingMessageNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterEach, expect, test } from "vitest";
import { EnvironmentSecrets } from "../src/adapters/env/secret-source.ts";
import { YamlConfigReader } from "../src/adapters/yaml/yaml-config-reader.ts";
import { startGateway } from "../src/compose.ts";
import { resolveSettings } from "../src/settings.ts";
import { root } from "./fixtures/markdown.ts";

const closing: (() => Promise<unknown> | void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

interface Example {
  readonly folder: string;
  readonly document: string;
  /** The port that the document and the backend name. */
  readonly port: number;
  readonly prefix: string;
  readonly key?: string;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Changes the copy of the folder before it is used. */
  readonly prepare?: (directory: string) => Promise<void>;
}

/** Runs an example as its page says, on ports of its own, and connects a client. */
async function openExample(example: Example): Promise<Client> {
  const { folder, document, port, prefix, key, secrets, headers } = example;
  const directory = await mkdtemp(join(tmpdir(), "passerelle-example-"));
  closing.push(() => rm(directory, { recursive: true, force: true }));
  await cp(join(root, "examples", folder), directory, { recursive: true });
  await example.prepare?.(directory);
  const origin = await startBackend(join(directory, "backend.mjs"));
  const config = join(directory, document);
  await writeFile(config, (await readFile(config, "utf8")).replace(`http://127.0.0.1:${port}`, origin));

  const flags = { config, port: 0, opsPort: "off", logLevel: "silent", accessLog: "off", drainMs: 1_000, apiKeys: key };
  const resolved = resolveSettings({ flags, environment: {}, readFile: () => "" });
  if (resolved.kind === "problems") throw new Error(resolved.problems.join("\n"));
  const gateway = await startGateway({
    settings: resolved.settings,
    reader: new YamlConfigReader([config]),
    notifiers: [],
    secrets: new EnvironmentSecrets({ environment: secrets ?? {} }),
  });
  closing.push(() => gateway.close());
  const client = new Client({ name: "examples-test", version: "1.0.0" });
  const requestInit = { headers: { ...headers } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${gateway.url}${prefix}/mcp`), { requestInit }));
  closing.push(() => client.close());
  return client;
}

/** Runs a backend on a free port until it says where it listens. */
async function startBackend(program: string): Promise<string> {
  const child: ChildProcess = spawn(process.execPath, [program], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, PORT: "0", STEP_MS: "1" },
  });
  closing.push(() => void child.kill("SIGKILL"));
  if (child.stdout === null) throw new Error("The backend has no output.");
  for await (const line of createInterface(child.stdout)) {
    const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (origin !== undefined) return origin;
  }
  throw new Error(`${program} ended before it listened.`);
}

test("hello-rest greets, and explains a wrong argument", async () => {
  const client = await openExample({ folder: "hello-rest", document: "hello.yaml", port: 3101, prefix: "/hello" });
  expect(await client.callTool({ name: "greet", arguments: { name: "Ada & co", language: "fr" } })).toMatchObject({
    content: [{ type: "text", text: "Bonjour, Ada & co!" }],
  });
  const refused = await client.callTool({ name: "greet", arguments: { name: "Ada", language: "it" } });
  expect(refused).toMatchObject({ isError: true, content: [{ text: expect.stringContaining("language") }] });
});

test("uploads-and-images takes a file and gives it back as it came", async () => {
  const example = { folder: "uploads-and-images", document: "album.yaml", port: 3102, prefix: "/album" };
  const client = await openExample(example);
  const call = (name: string, args: Record<string, unknown>): ReturnType<Client["callTool"]> =>
    client.callTool({ name, arguments: args });
  expect(await call("show_picture", { id: 1 })).toMatchObject({ content: [{ type: "image", mimeType: "image/png" }] });

  const bytes = Buffer.from([0, 255, 13, 10, 34]);
  const file = `data:application/pdf;base64,${bytes.toString("base64")}`;
  const added = await call("add_picture", { file, filename: 'a "b".pdf', caption: "Größe" });
  expect(added.structuredContent).toStrictEqual({ id: 2, caption: "Größe", type: "application/pdf", bytes: 5 });
  expect(await call("show_picture", { id: 2 })).toMatchObject({
    content: [{ type: "resource", resource: { mimeType: "application/pdf", blob: bytes.toString("base64") } }],
  });
  expect(await call("present_picture", { id: 1 })).toMatchObject({
    content: [{ text: "Picture 1 of the album." }, { type: "image", data: expect.stringMatching(/^iVBORw0KGgo/) }],
  });
  expect(await call("add_picture", { file: "no base64!" })).toMatchObject({ isError: true });
});

test("streaming-progress tells its progress, its log and its result", async () => {
  const example = { folder: "streaming-progress", document: "jobs.yaml", port: 3103, prefix: "/jobs" };
  const client = await openExample(example);
  const logs: unknown[] = [];
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void logs.push(params.data));
  const progress: unknown[] = [];
  const imported = await client.callTool({ name: "import_rows", arguments: {} }, undefined, {
    onprogress: ({ progress: done, total, message }) => void progress.push([done, total, message]),
  });
  expect(imported.structuredContent).toStrictEqual({ imported: 499, skipped: 1 });
  expect(progress.at(-1)).toStrictEqual([5, 5, "500 rows read"]);
  expect(logs).toStrictEqual(["the file has 500 rows", "row 271 has no email"]);

  const exported = await client.callTool({ name: "export_rows", arguments: { table: "orders" } });
  expect(exported).toMatchObject({ content: [{ text: expect.stringMatching(/^\["orders-1",.*"orders-5"\]$/) }] });
});

test("prompts-and-resources fills its prompt, reads its resources and completes", async () => {
  const client = await openExample({
    folder: "prompts-and-resources",
    document: "team.yaml",
    port: 3104,
    prefix: "/team",
    prepare: (directory) => symlink(join(directory, "team.yaml"), join(directory, "handbook", "leak.md")),
  });
  const prompt = await client.getPrompt({ name: "answer_customer", arguments: { person: "ada", sentences: "9" } });
  expect(prompt.messages[0]).toMatchObject({
    content: { text: "Write a friendly answer of 9 sentences in the name of ada. It may be long." },
  });
  const wrong = client.getPrompt({ name: "answer_customer", arguments: { person: "ada", tone: "rude" } });
  await expect(wrong).rejects.toThrow(/friendly, formal/);

  const read = async (uri: string): Promise<string> => {
    const [content] = (await client.readResource({ uri })).contents;
    return content !== undefined && "text" in content ? content.text : "";
  };
  expect(await read("team://handbook/welcome")).toContain("# Welcome");
  expect(await read("team://handbook/returns")).toContain("30 days");
  expect(await read("team://people/chiara")).toBe("Chiara Russo speaks it, en.");
  await expect(read("team://handbook/..%2fREADME")).rejects.toThrow(/not found/);
  await expect(read("team://handbook/leak")).rejects.toThrow(/not found/);

  const complete = async (name: string, value: string): Promise<unknown> =>
    (await client.complete({ ref: { type: "ref/prompt", name: "answer_customer" }, argument: { name, value } }))
      .completion.values;
  expect(await complete("person", "b")).toStrictEqual(["bruno"]);
  expect(await complete("tone", "fo")).toStrictEqual(["formal"]);
});

test("keys-and-secrets shows the service its token and the name of the key", async () => {
  const client = await openExample({
    folder: "keys-and-secrets",
    document: "orders.yaml",
    port: 3105,
    prefix: "/orders",
    key: "alice=alice-secret-key-1",
    secrets: { PASSERELLE_SECRET_ORDERS_TOKEN: "demo-token" },
    headers: { Authorization: "Bearer alice-secret-key-1", "X-Region": "north" },
  });
  const result = await client.callTool({ name: "list_orders", arguments: {} });
  expect(result).toMatchObject({
    content: [{ text: JSON.stringify({ for: "alice", region: "north", orders: ["o1", "o2"] }) }],
  });
});
