import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from "@modelcontextprotocol/client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
  CallToolResultSchema,
  ElicitRequestSchema,
  type ElicitResult,
  LoggingMessageNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { afterEach, expect, test } from "vitest";
import { EnvironmentSecrets } from "../src/adapters/env/secret-source.ts";
import { sameForAll } from "../src/core/config-source.ts";
import { YamlConfigReader } from "../src/adapters/yaml/yaml-config-reader.ts";
import { startGateway } from "../src/compose/gateway.ts";
import { resolveSettings } from "../src/settings.ts";
import { root } from "./fixtures/markdown.ts";

const closing: (() => Promise<unknown> | void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const identity = { name: "examples-test", version: "1.0.0" };
const aliceKey = "alice=alice-secret-key-1";
const alice = { Authorization: "Bearer alice-secret-key-1" };

interface Example {
  readonly folder: string;
  readonly document: string;
  /** The port that the document and the backend name. */
  readonly port: number;
  readonly prefix: string;
  readonly keys?: readonly string[];
  readonly secrets?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** The program that listens on `port`. */
  readonly backend?: string;
  /** Changes the copy of the folder before it is used. */
  readonly prepare?: (directory: string) => Promise<void>;
}

/** Runs an example and connects a client. */
async function openExample(example: Example): Promise<Client> {
  return connect(await runExample(example), example.headers);
}

/** Runs an example as its page says, on ports of its own. Resolves with the URL of its MCP endpoint. */
async function runExample(example: Example): Promise<URL> {
  const { folder, document, port, prefix, keys, secrets, backend = "backend.mjs" } = example;
  const directory = await mkdtemp(join(tmpdir(), "passerelle-example-"));
  closing.push(() => rm(directory, { recursive: true, force: true }));
  await cp(join(root, "examples", folder), directory, { recursive: true });
  await example.prepare?.(directory);
  const origin = await startBackend(join(directory, backend));
  const config = join(directory, document);
  await writeFile(config, (await readFile(config, "utf8")).replace(`http://127.0.0.1:${port}`, origin));

  const flags = {
    config,
    port: 0,
    opsPort: "off",
    logLevel: "silent",
    accessLog: "off",
    drainMs: 1_000,
    apiKeys: keys,
  };
  const resolved = resolveSettings({ flags, environment: {}, readFile: () => "" });
  if (resolved.kind === "problems") throw new Error(resolved.problems.join("\n"));
  const gateway = await startGateway({
    settings: resolved.settings,
    reader: new YamlConfigReader([config]),
    notifiers: [],
    secrets: sameForAll(new EnvironmentSecrets({ environment: secrets ?? {} })),
  });
  closing.push(() => gateway.close());
  return new URL(`${gateway.url}${prefix}/mcp`);
}

type Answer = ElicitResult["content"];

/** A client of 2025-11-25, whose user gives these answers when there are any. */
async function connect(url: URL, headers: Example["headers"], answer?: Answer): Promise<Client> {
  const client = new Client(identity, { capabilities: answer === undefined ? {} : { elicitation: {} } });
  if (answer !== undefined) {
    client.setRequestHandler(ElicitRequestSchema, async () => ({ action: "accept", content: answer }));
  }
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers: { ...headers } } }));
  closing.push(() => client.close());
  return client;
}

/** A client of 2026-07-28, whose user gives these answers. */
async function connectModern(url: URL, headers: Example["headers"], answer: Answer = {}): Promise<ModernClient> {
  const versionNegotiation = { mode: { pin: "2026-07-28" } };
  const client = new ModernClient(identity, { versionNegotiation, capabilities: { elicitation: {} } });
  client.setRequestHandler("elicitation/create", async () => ({ action: "accept", content: answer }));
  await client.connect(new ModernTransport(url, { requestInit: { headers: { ...headers } } }));
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
    keys: [aliceKey],
    secrets: { PASSERELLE_SECRET_ORDERS_TOKEN: "demo-token" },
    headers: { ...alice, "X-Region": "north" },
  });
  const result = await client.callTool({ name: "list_orders", arguments: {} });
  expect(result).toMatchObject({
    content: [{ text: JSON.stringify({ for: "alice", region: "north", orders: ["o1", "o2"] }) }],
  });
});

test("mcp-servers gives each key a scratchpad, and asks before a page of the handbook is deleted", async () => {
  const url = await runExample({
    folder: "mcp-servers",
    document: "desk.yaml",
    port: 3106,
    prefix: "/desk",
    keys: [aliceKey, "bruno=bruno-secret-key-1"],
  });
  const ofAlice = await connect(url, alice);
  const ofBruno = await connectModern(url, { Authorization: "Bearer bruno-secret-key-1" });
  const { tools } = await ofAlice.listTools();
  expect(tools.map(({ name }) => name)).toStrictEqual([
    "who_is_on_duty",
    "list_handbook",
    "read_handbook",
    "delete_from_handbook",
    "scratch_list_notes",
    "scratch_read_note",
    "scratch_write_note",
    "scratch_delete_note",
  ]);
  expect(await textOf(ofAlice.callTool({ name: "who_is_on_duty", arguments: { day: "monday" } }))).toBe("Ada");

  await ofAlice.callTool({ name: "scratch_write_note", arguments: { text: "buy tea" } });
  expect(await textOf(ofAlice.callTool({ name: "scratch_list_notes" }))).toBe("untitled");
  expect(await textOf(ofBruno.callTool({ name: "scratch_list_notes" }))).toBe("There are no notes.");

  const drill = { name: "delete_from_handbook", arguments: { title: "fire drill" } };
  expect(await ofAlice.callTool(drill)).toMatchObject({ isError: true });
  expect(await textOf(ofAlice.callTool({ name: "list_handbook" }))).toBe("opening hours, fire drill");
  expect(await textOf(ofBruno.callTool(drill))).toBe("Deleted: fire drill.");
  expect(await textOf(ofAlice.callTool({ name: "list_handbook" }))).toBe("opening hours");
});

test("old-and-new has clients of both eras answer servers of both eras", async () => {
  const url = await runExample({
    folder: "old-and-new",
    document: "travel.yaml",
    backend: "new-server.mjs",
    port: 3107,
    prefix: "/travel",
    keys: [aliceKey],
  });
  const answer = { people: 4, size: "small" };
  for (const client of [await connect(url, alice, answer), await connectModern(url, alice, answer)]) {
    const call = (name: string): Promise<unknown> => client.callTool({ name, arguments: { day: "monday" } });
    expect(await textOf(call("book_room"))).toBe("A room for 4 is booked on monday.");
    expect(await textOf(call("rent_car"))).toBe("A small car is rented on monday.");
  }
  const silent = await connect(url, alice);
  for (const name of ["book_room", "rent_car"]) {
    expect(await silent.callTool({ name, arguments: { day: "monday" } })).toMatchObject({ isError: true });
  }
});

/** The text of a result that is one text. */
async function textOf(result: Promise<unknown>): Promise<unknown> {
  const { content } = CallToolResultSchema.parse(await result);
  expect(content).toHaveLength(1);
  const [block] = content;
  return block?.type === "text" ? block.text : block;
}
