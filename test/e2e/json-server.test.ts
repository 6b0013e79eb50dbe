import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningGateway } from "../../src/compose/gateway.ts";
import { findFreePort } from "../fixtures/free-port.ts";
import { startOver } from "../fixtures/test-gateway.ts";

const example = new URL("../../examples/json-server/", import.meta.url);

let directory: string;
let service: ChildProcess;
let gateway: RunningGateway;
let client: Client;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "passerelle-library-"));
  const database = join(directory, "db.json");
  await copyFile(new URL("db.json", example), database); // the service writes into it
  const port = await findFreePort();
  service = await startJsonServer(database, port);

  const document = await readFile(new URL("library.yaml", example), "utf8");
  const config = join(directory, "library.yaml");
  await writeFile(config, document.replace("127.0.0.1:3000", `127.0.0.1:${port}`));
  gateway = await startOver([config]);
  client = new Client({ name: "library-test", version: "1.0.0" });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${gateway.url}/library/mcp`)));
});

afterAll(async () => {
  await client?.close();
  await gateway?.close();
  service?.kill("SIGKILL");
  await rm(directory, { recursive: true, force: true });
});

/** Runs the service as it comes from npm and waits until it says that it serves. */
async function startJsonServer(database: string, port: number): Promise<ChildProcess> {
  const program = createRequire(import.meta.url).resolve("json-server/lib/cli/bin.js");
  const child = spawn(process.execPath, [program, "--host", "127.0.0.1", "--port", String(port), database], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface(child.stdout);
  for await (const line of lines) {
    if (line.includes(`http://127.0.0.1:${port}`)) break;
  }
  child.stdout.resume();
  return child;
}

const call = (name: string, args: Record<string, unknown>): ReturnType<Client["callTool"]> =>
  client.callTool({ name, arguments: args });

describe("the example over json-server", () => {
  it("finds books and tells how many there are", async () => {
    const { structuredContent } = await call("search_books", { authorId: 3, limit: 1 });
    expect(structuredContent).toEqual({
      total: 2,
      books: [
        { id: 4, title: "Solaris", authorId: 3, year: 1961, available: true, author: { id: 3, name: "Stanisław Lem" } },
      ],
    });
  });

  it("finds books by a word, with what was not given left out of the query", async () => {
    const { structuredContent } = await call("search_books", { text: "Darkness" });
    expect(structuredContent).toMatchObject({ total: 1, books: [{ id: 2 }] });
  });

  it("returns one book with what belongs to it", async () => {
    const result = await call("get_book", { id: 2 });
    expect(JSON.stringify(result)).toContain("Ada");
  });

  it("tells that a book does not exist", async () => {
    const result = await call("get_book", { id: 99 });
    expect(result).toMatchObject({ isError: true });
    expect(JSON.stringify(result)).toContain("404");
  });

  it("explains a wrong argument without calling the service", async () => {
    const result = await call("add_book", { title: "Beowulf", authorId: 1, year: 1000 });
    expect(result).toMatchObject({ isError: true });
    expect(JSON.stringify(result)).toContain("year");
  });

  it("adds, lends and removes a book", async () => {
    const added = await call("add_book", { title: "Fledgling", authorId: 2, year: 2005 });
    expect(JSON.stringify(added)).toContain("Fledgling");
    await call("lend_book", { id: 6, available: false });
    expect(JSON.stringify(await call("get_book", { id: 6 }))).toContain("false");
    await call("remove_book", { id: 6 });
    expect(await call("get_book", { id: 6 })).toMatchObject({ isError: true });
  });

  it("serves the authors as a resource and each book by its address", async () => {
    expect(JSON.stringify(await client.readResource({ uri: "library://authors" }))).toContain("Butler");
    expect(JSON.stringify(await client.readResource({ uri: "library://books/3" }))).toContain("Kindred");
  });

  it("fills its prompt", async () => {
    const prompt = await client.getPrompt({ name: "recommend", arguments: { mood: "the sea" } });
    expect(JSON.stringify(prompt)).toContain("the sea");
  });
});

describe("the example when its service is gone", () => {
  it("says so in the result, for the model to read", async () => {
    const ended = once(service, "exit");
    service.kill("SIGTERM");
    await ended;
    const result = await call("get_book", { id: 1 });
    expect(result).toMatchObject({ isError: true });
  });
});
