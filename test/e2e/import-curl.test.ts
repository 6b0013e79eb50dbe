import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterEach, beforeEach, expect, it } from "vitest";
import { EnvironmentSecrets } from "../../src/adapters/env/secret-source.ts";
import { YamlConfigReader } from "../../src/adapters/yaml/yaml-config-reader.ts";
import { runProgram } from "../../src/cli/program.ts";
import { startGateway } from "../../src/compose/gateway.ts";
import { sameForAll } from "../../src/core/config-source.ts";
import { type LocalBackend, startBackend } from "../fixtures/local-backend.ts";
import { testSettings } from "../fixtures/test-gateway.ts";

interface SeenRequest {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let folder: string;
let backend: LocalBackend;
let seen: SeenRequest[];

beforeEach(async () => {
  seen = [];
  folder = await mkdtemp(join(tmpdir(), "passerelle-curl-"));
  backend = await startBackend((request, response) => {
    void text(request).then((body) => {
      seen.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
      response.setHeader("content-type", "application/json").end("{}");
    });
  });
});

afterEach(async () => {
  await backend.close();
  await rm(folder, { recursive: true, force: true });
});

/** Imports a command, serves the document, and calls its only tool. */
async function callImported(
  command: string,
  args: Record<string, unknown>,
  secrets: Record<string, string> = {},
): Promise<SeenRequest | undefined> {
  const source = join(folder, "commands.sh");
  const document = join(folder, "servers", "api.yaml");
  await writeFile(source, command.replaceAll("BACKEND", backend.url));
  let told = "";
  const write = (text: string): void => {
    told += text;
  };
  const terminal = { write, writeError: write, isInteractive: false, environment: {} };
  const exitCode = await runProgram(["import", "curl", source, "--name", "shop", "--out", document], terminal);
  expect(told).not.toContain("error");
  expect(exitCode).toBe(0);
  const gateway = await startGateway({
    settings: testSettings({ config: [document], apiKeys: ["test=test-key-of-this-test"] }),
    reader: new YamlConfigReader([document]),
    notifiers: [],
    secrets: sameForAll(
      new EnvironmentSecrets({
        environment: Object.fromEntries(
          Object.entries(secrets).map(([name, value]) => [`PASSERELLE_SECRET_${name}`, value]),
        ),
      }),
    ),
  });
  const client = new Client({ name: "curl-test", version: "1.0.0" });
  try {
    const requestInit = { headers: { authorization: "Bearer test-key-of-this-test" } };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${gateway.url}/shop/mcp`), { requestInit }));
    const [tool] = (await client.listTools()).tools;
    const result = await client.callTool({ name: tool?.name ?? "", arguments: args });
    expect(result).not.toHaveProperty("isError", true);
  } finally {
    await client.close();
    await gateway.close();
  }
  return seen.at(-1);
}

it("sends what stands in the command when a call says nothing else", async () => {
  const command =
    "curl 'BACKEND/v1/users/42/orders?state=open&limit=10&tag=a&tag=b%20c' -A shop-script/1 -e https://shop.example/";
  const same = await callImported(command, { user_id: 42 });
  expect(same?.line).toBe("GET /v1/users/42/orders?state=open&limit=10&tag=a&tag=b%20c");
  expect(same?.headers).toMatchObject({ "user-agent": "shop-script/1", referer: "https://shop.example/" });
});

it("takes other arguments than those of the command", async () => {
  const command = "curl 'BACKEND/v1/users/42/orders?state=open&limit=10'";
  const other = await callImported(command, { user_id: 7, limit: 3 });
  expect(other?.line).toBe("GET /v1/users/7/orders?state=open&limit=3");
});

it("sends the JSON of a command with its types, and its token from the secret", async () => {
  const body = '{"customer":{"name":"O\'Hara","vip":true},"items":[{"sku":"x-1","qty":2}],"note":null,"total":12.5}';
  const command = `curl -X PUT BACKEND/orders/9 -H 'Authorization: Bearer s3cret-in-the-clear' -H 'Content-Type: application/json' -d '${body.replaceAll("'", String.raw`'\''`)}'`;
  const request = await callImported(command, { order_id: 9 }, { SECRET_127_0_0_1_TOKEN: "from-the-secret" });
  expect(request?.line).toBe("PUT /orders/9");
  expect(JSON.parse(request?.body ?? "")).toStrictEqual(JSON.parse(body));
  expect(request?.headers).toMatchObject({
    authorization: "Bearer from-the-secret",
    "content-type": "application/json",
  });
});

it("sends forms, cookies and user names as curl does", async () => {
  const command =
    "curl BACKEND/login -u ada:secret -b 'sid=1' -d name=Ada -d 'city=New+York' --data-urlencode 'note=a&b'";
  const request = await callImported(
    command,
    {},
    { SECRET_127_0_0_1_PASSWORD: "pw", SECRET_127_0_0_1_COOKIE: "sid=2" },
  );
  expect(request?.line).toBe("POST /login");
  expect(Object.fromEntries(new URLSearchParams(request?.body))).toStrictEqual({
    name: "Ada",
    city: "New York",
    note: "a&b",
  });
  expect(request?.headers).toMatchObject({
    authorization: `Basic ${Buffer.from("ada:pw").toString("base64")}`,
    cookie: "sid=2",
    "content-type": "application/x-www-form-urlencoded",
  });
});

it("sends the files of a form that a call brings", async () => {
  const command = "curl -F title=photo -F 'image=@cat.png;type=image/png' BACKEND/images";
  const request = await callImported(command, { image: Buffer.from("PNG!").toString("base64") });
  expect(request?.line).toBe("POST /images");
  expect(request?.headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
  expect(request?.body).toContain('name="image"; filename="cat.png"\r\n');
  expect(request?.body.toLowerCase()).toContain("content-type: image/png\r\n");
  expect(request?.body).toContain("PNG!");
});

it("moves data into the query for -G", async () => {
  const request = await callImported("curl -G BACKEND/search --data-urlencode 'q=a b&c' -d page=2", {});
  expect(request?.line).toBe("GET /search?q=a%20b%26c&page=2");
  expect(request?.body).toBe("");
});
