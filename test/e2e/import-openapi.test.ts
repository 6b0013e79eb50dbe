import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runProgram } from "../../src/cli/program.ts";

// `passerelle import openapi` from end to end: files, URLs through the egress guard, references, report, exit codes.

const description = `openapi: 3.0.3
info: { title: Shop, version: "1" }
servers: [{ url: /v1 }]
security: [{ key: [] }]
paths:
  /items/{id}: { $ref: "parts/item.yaml" }
  /items: { post: { operationId: addItem, responses: {} } }
components: { securitySchemes: { key: { type: apiKey, in: header, name: X-Key } } }
`;
const item = `get:
  operationId: getItem
  parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
  responses: {}
`;

let folder: string;
let server: Server;
let url: string;
const seen: { path: string; token: string | undefined }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "passerelle-import-"));
  await mkdir(join(folder, "api/parts"), { recursive: true });
  await writeFile(join(folder, "api/openapi.yaml"), description);
  await writeFile(join(folder, "api/parts/item.yaml"), item);
  server = createServer((request, response) => {
    const path = request.url ?? "";
    seen.push({ path, token: request.headers.authorization });
    if (path === "/moved") return void response.writeHead(302, { location: "/openapi.yaml" }).end();
    if (path === "/openapi.yaml")
      return void response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(description));
    if (path === "/parts/item.yaml") return void response.end(item);
    response.writeHead(404).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on TCP
});

afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

async function run(...args: string[]) {
  let output = "";
  let errors = "";
  const exitCode = await runProgram(["import", "openapi", ...args], {
    write: (text) => void (output += text),
    writeError: (text) => void (errors += text),
    isInteractive: false,
    environment: {},
  });
  return { exitCode, output, errors };
}

const limits = { timeout: 120_000 };

describe("import openapi", () => {
  test("makes a document of a file, which check accepts", limits, async () => {
    const out = join(folder, "shop.yaml");
    const file = join(folder, "api/openapi.yaml");
    const { exitCode, output } = await run(file, "--base-url", "https://shop.example", "--all", "--out", out);
    expect(output).toContain("taken     GET /items/{id} -> getItem");
    expect(output).toContain("SHOP_KEY");
    expect(output).toContain(`Wrote ${out}`);
    expect(exitCode).toBe(0);
    expect(await readFile(out, "utf8")).toContain("name: addItem");
    const made = await readFile(out, "utf8");
    expect(await run(file, "--base-url", "https://shop.example", "--all", "--out", out)).toMatchObject({ exitCode: 0 });
    expect(await readFile(out, "utf8")).toBe(made);
    const others = join(folder, "others.yaml");
    await writeFile(others, "name: others\n");
    expect(await run(file, "--out", others)).toMatchObject({
      exitCode: 74,
      errors: expect.stringContaining("--force"),
    });
    expect(await readFile(others, "utf8")).toBe("name: others\n");
  });

  test("refuses an address of a private network until it is allowed", limits, async () => {
    const { exitCode, errors } = await run(`${url}/openapi.yaml`);
    expect(errors).toContain("add it to `--allow-private`");
    expect(exitCode).toBe(74);
    expect(seen).toEqual([]);
  });

  test("fetches what is allowed, follows redirects and references, and sends headers", limits, async () => {
    const { exitCode, output, errors } = await run(
      `${url}/moved`,
      "--allow-private",
      "127.0.0.1",
      "--header",
      "Authorization: Bearer t",
      "--report",
      "json",
    );
    expect(output).toContain(`baseUrl: ${url}/v1`);
    const report = JSON.parse(errors) as { entries: unknown; statistics: unknown }; // the report of the command
    expect(report.entries).toMatchObject([
      { outcome: "taken", source: "GET /items/{id}", tool: "getItem" },
      { outcome: "left-out", source: "POST /items" },
    ]);
    expect(report.statistics).toMatchObject({ operations: 2, tools: 1, refused: 0, leftOut: 1 });
    expect(exitCode).toBe(0);
    expect(seen).toEqual([
      { path: "/moved", token: "Bearer t" },
      { path: "/openapi.yaml", token: "Bearer t" },
      { path: "/parts/item.yaml", token: "Bearer t" },
    ]);
  });

  test.each([
    [["nowhere.yaml"], 74, "cannot be read (ENOENT)"],
    [["package.json"], 1, "this is no OpenAPI description"],
    [["package.json", "--header", "no header"], 2, "--header must be written as"],
    [["package.json", "--max-description", "many"], 2, "--max-description many"],
  ])("says what is wrong with %j", limits, async (args, code, message) => {
    const { exitCode, errors } = await run(...args);
    expect(errors).toContain(message);
    expect(exitCode).toBe(code);
  });
});
