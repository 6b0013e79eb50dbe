import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toolCall } from "../fixtures/echo-document.ts";
import { openSession } from "../fixtures/legacy-session.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { send } from "../fixtures/raw-http.ts";
import { openScriptedUpstream, type ScriptedAnswer, type ScriptedUpstream } from "../fixtures/scripted-upstream.ts";
import { serveDocuments, type ServedFolder } from "../fixtures/served-folder.ts";

// Byte for byte: what goes to an MCP server, and what becomes of the bytes that it answers.

const eras = ["legacy", "modern"] as const;
type Era = (typeof eras)[number];

const mirrored = { type: "string", "x-mcp-header": "Region" };
const tools = [
  { name: "plain", inputSchema: { type: "object" } },
  { name: "mirrored", inputSchema: { type: "object", properties: { region: mirrored, limit: { type: "integer" } } } },
];

let servers: Record<Era, ScriptedUpstream>;
let folder: ServedFolder;
let answer: ScriptedAnswer;

beforeAll(async () => {
  const open = (era: Era): Promise<ScriptedUpstream> =>
    openScriptedUpstream({ era, tools: () => tools, answer: () => answer });
  servers = { legacy: await open("legacy"), modern: await open("modern") };
  folder = await serveDocuments({
    "legacy.yaml": document("legacy", servers.legacy.url),
    "modern.yaml": document("modern", servers.modern.url),
  });
  answer = { result: "{}" };
  for (const era of eras) await callAs("modern", era, { name: "plain" }); // so that it is found out who speaks what
});

afterAll(async () => {
  await folder?.close();
  await Promise.all(Object.values(servers).map((server) => server.close()));
});

beforeEach(() => {
  answer = { result: '{"content":[]}' };
});

function document(name: string, url: string): Readonly<Record<string, unknown>> {
  const overrides = { plain: { arguments: { added: "by the document" } } };
  return {
    name,
    routes: [{ prefix: `/${name}`, access: "public" }],
    upstreams: { up: { kind: "mcp", url, sharing: "shared", egress: { allow: ["127.0.0.1"] } } },
    expose: [
      {
        upstream: "up",
        prefix: "p",
        tools: { overrides, rename: { mirrored: "headed" } },
        resources: { namespace: true },
      },
    ],
  };
}

/** The bytes that a client of that era gets for a request to a server of that era. */
async function requestAs(client: Era, server: string, method: string, params: object, headers = {}): Promise<string> {
  const url = `${folder.url}/${server}/mcp`;
  if (client === "modern") return (await send(url, modernRequest(method, { params: { ...params }, headers }))).text;
  const session = await openSession(url, "2025-11-25");
  const { text } = await session.post({ jsonrpc: "2.0", id: 1, method, params });
  await session.end();
  return text;
}

function callAs(client: Era, server: string, params: object, headers = {}): Promise<string> {
  const named = { ...params, name: (params as { name: string }).name === "plain" ? "p_plain" : "headed" };
  return requestAs(client, server, "tools/call", named, headers);
}

const bodyOf = (era: Era): string => servers[era].requests.at(-1)?.body ?? "";

describe.each(eras)("a request to a %s server", (era) => {
  it("carries the server's own name, arguments digit by digit, defaults, and members that nobody knows", async () => {
    const url = `${folder.url}/${era}/mcp`;
    const { headers } = modernRequest("tools/call", { params: { name: "p_plain" } });
    const meta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"traceparent":"00-1","com.x/k":[9007199254740993]}`;
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"p_plain","vendor":{"n":12345678901234567890},"arguments":{"id":9007199254740993,"pi":3.5},${meta}}}`;
    const answered = await send(url, { headers: { ...headers, "content-type": "application/json" }, body });
    expect(answered.status).toBe(200);
    const sent = bodyOf(era);
    expect(sent).toContain('"name":"plain"');
    expect(sent).toContain('"arguments":{"added":"by the document","id":9007199254740993,"pi":3.5}');
    expect(sent).toContain('"vendor":{"n":12345678901234567890}');
    expect(sent).toContain('"traceparent":"00-1"');
    expect(sent).toContain('"com.x/k":[9007199254740993]');
    const versions = sent.split("protocolVersion").length - 1;
    expect(versions).toBe(era === "modern" ? 1 : 0);
  });

  it("never carries the client's progress token, its task, or the gateway's rounds", async () => {
    await callAs("modern", era, { name: "plain", task: { ttl: 1 }, _meta: { progressToken: "secret-token" } });
    expect(bodyOf(era)).not.toContain("secret-token");
    expect(bodyOf(era)).not.toContain('"task"');
    expect(bodyOf(era)).not.toContain("requestState");
  });

  it("names prompts, resources and references as the server does", async () => {
    answer = { result: '{"messages":[]}' };
    await requestAs("modern", era, "prompts/get", { name: "p_greet", arguments: { a: "1" } });
    expect(servers[era].requests.at(-1)?.params).toMatchObject({ name: "greet", arguments: { a: "1" } });
    answer = { result: '{"contents":[{"uri":"x:1","text":"t"}]}' };
    const read = await requestAs("modern", era, "resources/read", { uri: "up+x:1" });
    expect(servers[era].requests.at(-1)?.params).toMatchObject({ uri: "x:1" });
    expect(JSON.parse(read)).toMatchObject({ result: { contents: [{ uri: "up+x:1" }] } });
    answer = { result: '{"completion":{"values":["a"]}}' };
    const ref = { type: "ref/resource", uri: "up+x:item/{id}" };
    const completed = await requestAs("legacy", era, "completion/complete", {
      ref,
      argument: { name: "id", value: "" },
    });
    expect(servers[era].requests.at(-1)?.params).toMatchObject({ ref: { uri: "x:item/{id}" } });
    expect(completed).toContain('"result":{"completion":{"values":["a"]}}');
  });
});

describe("headers that mirror arguments", () => {
  const withRegion = (region: string) => ({ name: "mirrored", arguments: { region } });

  it("are checked, and written for a server of 2026-07-28, whoever the client is", async () => {
    await callAs("modern", "modern", withRegion("eu west"), { "mcp-param-region": "eu west" });
    expect(servers.modern.requests.at(-1)?.headers["mcp-param-region"]).toBe("eu west");
    await callAs("legacy", "modern", withRegion("grüße"));
    expect(servers.modern.requests.at(-1)?.headers["mcp-param-region"]).toBe("=?base64?Z3LDvMOfZQ==?=");
    const refused = await callAs("modern", "modern", withRegion("eu"), { "mcp-param-region": "us" });
    expect(JSON.parse(refused)).toMatchObject({ error: { code: -32020 } });
  });

  it("are enforced for a server that does not know them, and passed on when only the server does", async () => {
    const refused = await callAs("modern", "legacy", withRegion("eu"));
    expect(JSON.parse(refused)).toMatchObject({ error: { code: -32020 } });
    await callAs("modern", "modern", { name: "plain" }, { "mcp-param-later": "7" });
    expect(servers.modern.requests.at(-1)?.headers["mcp-param-later"]).toBe("7");
  });
});

describe("headers that a server of 2026-07-28 refuses", () => {
  const refusal = { error: '{"code":-32020,"message":"Mcp-Param-Zone is missing"}' };
  const zoned = [
    {
      name: "plain",
      inputSchema: { type: "object", properties: { zone: { type: "string", "x-mcp-header": "Zone" } } },
    },
  ];

  async function openChanged(isMended: boolean): Promise<{ server: ScriptedUpstream; served: ServedFolder }> {
    let listed: readonly object[] = tools;
    const server = await openScriptedUpstream({
      era: "modern",
      tools: () => listed,
      answer: ({ headers }) => {
        if (isMended) listed = zoned;
        return headers["mcp-param-zone"] === "north" ? { result: '{"resultType":"complete","content":[]}' } : refusal;
      },
    });
    return { server, served: await serveDocuments({ "changed.yaml": document("changed", server.url) }) };
  }

  it.each([true, false])("are written anew, once, after its lists of now (mended: %s)", async (isMended) => {
    const { server, served } = await openChanged(isMended);
    const session = await openSession(`${served.url}/changed/mcp`, "2025-11-25");
    const called = await session.post(toolCall("p_plain", { zone: "north" }));
    if (isMended) expect(called.json()).toMatchObject({ result: { content: [] } });
    else expect(called.json()).toMatchObject({ error: { code: -32603, message: expect.stringContaining("Zone") } });
    expect(server.requests).toHaveLength(2);
    await served.close();
    await server.close();
  });
});

describe("a result", () => {
  const content = '"content":[{"type":"video","vendor":{"n":12345678901234567890,"f":1.0}}]';

  it("keeps its bytes where both sides speak alike", async () => {
    answer = { result: `{${content},"vendorTop":[1e2]}` };
    expect(await callAs("legacy", "legacy", { name: "plain" })).toBe(
      `{"jsonrpc":"2.0","id":1,"result":{${content},"vendorTop":[1e2]}}`,
    );
    answer = { result: `{"resultType":"complete",${content},"_meta":{"a":1.0}}` };
    expect(await callAs("modern", "modern", { name: "plain" })).toBe(
      `{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete",${content},"_meta":{"a":1.0}}}`,
    );
  });

  it("changes its frame alone between the eras", async () => {
    answer = { result: `{${content}}` };
    const stamped = await callAs("modern", "legacy", { name: "plain" });
    expect(stamped).toContain(`"result":{${content},"resultType":"complete","_meta":{`);
    answer = { result: `{"resultType":"complete",${content}}` };
    expect(await callAs("legacy", "modern", { name: "plain" })).toBe(`{"jsonrpc":"2.0","id":1,"result":{${content}}}`);
  });
});

describe("a result that cannot be read", () => {
  const tooLarge = '{"content":[{"type":"resource_link","name":"one","uri":"x:1","size":1e999}]}';
  const tooDeep = `{"content":[{"type":"resource_link","name":"one","uri":"x:1","a":${"[".repeat(600)}${"]".repeat(600)}}]}`;

  it.each([tooLarge, tooDeep])("is the server's fault, not the client's or the gateway's", async (text) => {
    for (const client of eras) {
      answer = { result: text };
      expect(await callAs(client, "legacy", { name: "plain" })).toMatch(/"text":"The upstream's .*"isError":true/);
      answer = { result: text.replace("content", "contents") };
      const read = await requestAs(client, "legacy", "resources/read", { uri: "up+x:1" });
      expect(JSON.parse(read)).toMatchObject({
        error: { code: -32603, message: expect.stringContaining("The upstream's") },
      });
    }
  });
});

describe("an error", () => {
  it("of a missing resource has the code of the client's era and the client's URI", async () => {
    answer = { error: '{"code":-32002,"message":"no","data":{"uri":"x:9"}}' };
    const read = (client: Era, server: Era): Promise<string> =>
      requestAs(client, server, "resources/read", { uri: "up+x:1" });
    expect(JSON.parse(await read("modern", "legacy"))).toMatchObject({
      error: { code: -32602, data: { uri: "up+x:1" } },
    });
    expect(JSON.parse(await read("legacy", "legacy"))).toMatchObject({ error: { code: -32002 } });
    answer = { error: '{"code":-32602,"message":"no","data":{"uri":"x:9"}}' };
    expect(JSON.parse(await read("legacy", "modern"))).toMatchObject({
      error: { code: -32002, data: { uri: "up+x:1" } },
    });
  });

  it("passes on with its code, message and data, digit by digit", async () => {
    answer = { error: '{"code":-7,"message":"words","data":{"n":12345678901234567890}}' };
    for (const client of eras) {
      expect(await callAs(client, "legacy", { name: "plain" })).toContain(
        '"error":{"code":-7,"message":"words","data":{"n":12345678901234567890}}',
      );
    }
  });
});

describe("an upstream that went down", () => {
  it("is an error result of its tools, and an error of everything else", async () => {
    const server = await openScriptedUpstream({ era: "legacy", tools: () => tools, answer: () => answer });
    const fading = await serveDocuments({ "fading.yaml": document("fading", server.url) });
    const session = await openSession(`${fading.url}/fading/mcp`, "2025-11-25");
    expect((await session.post(toolCall("p_plain"))).json()).toMatchObject({ result: { content: [] } });
    await server.close();
    const called = await session.post(toolCall("p_plain"));
    expect(called.json()).toMatchObject({
      result: { isError: true, content: [{ text: expect.stringContaining("up") }] },
    });
    const prompt = { jsonrpc: "2.0", id: 1, method: "prompts/get", params: { name: "p_greet" } };
    expect((await session.post(prompt)).json()).toMatchObject({ error: { code: -32603 } });
    await fading.close();
  });
});
