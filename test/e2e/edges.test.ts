import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { acceptBoth, initializeRequest, type LegacySession, openSession } from "../fixtures/legacy-session.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { type RawAnswer, send } from "../fixtures/raw-http.ts";
import { openTestGateway, type TestGateway } from "../fixtures/test-gateway.ts";

let gateway: TestGateway;
let url: string;
let session: LegacySession;

beforeAll(async () => {
  gateway = await openTestGateway((document) =>
    document
      .replace("access: public\n", 'access: public\n    origins: ["https://app.example"]\n    maxBodyBytes: 20000\n')
      .concat("\npageSize: 4\n"),
  );
  url = `${gateway.prefix}/mcp`;
  session = await openSession(url, "2025-11-25");
});

afterAll(() => gateway.close());

/** POSTs text as it stands in the session. */
function postText(body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Promise<RawAnswer> {
  return send(url, {
    headers: { accept: acceptBoth, "content-type": "application/json", "mcp-session-id": session.id, ...headers },
    body,
  });
}

describe("strict JSON", () => {
  const cases: readonly (readonly [string, string | Buffer, number])[] = [
    ["broken text", '{"jsonrpc":"2.0","id":1,', -32700],
    ["an empty body", "", -32700],
    ["a key given twice", '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}', -32700],
    ["a key given again in another case", '{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/list"}', -32600],
    ["invalid UTF-8", Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping\xff"}', "latin1"), -32700],
    ["a lone surrogate", '{"jsonrpc":"2.0","id":"\\ud800","method":"ping"}', -32700],
    [
      "nesting without end",
      `{"jsonrpc":"2.0","id":1,"method":"ping","params":${"[".repeat(9_000)}${"]".repeat(9_000)}}`,
      -32700,
    ],
    ["another version of JSON-RPC", '{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600],
    ["an id of null", '{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600],
    ["an id that is an object", '{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600],
    ["a method that is no text", '{"jsonrpc":"2.0","id":1,"method":7}', -32600],
    ["a number alone", "7", -32600],
  ];

  it.each(cases)("refuses %s with 400", async (_, body, code) => {
    const answer = await postText(body);
    expect(answer.status).toBe(400);
    const { error } = answer.json() as { error: { code: number } }; // checked by the next line
    expect(error.code).toBe(code);
  });

  it("refuses a body beyond the route's limit with 413", async () => {
    const answer = await postText(
      JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping", params: { pad: "x".repeat(30_000) } }),
    );
    expect(answer.status).toBe(413);
  });

  it("refuses a body that grows beyond the limit without saying so before", async () => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    const status = new Promise<string>((resolve) => {
      let text = "";
      socket.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes("\r\n")) resolve(text.split("\r\n")[0] ?? "");
      });
      socket.on("close", () => resolve(text.split("\r\n")[0] ?? ""));
      socket.on("error", () => undefined); // the gateway may hang up while we write
    });
    socket.write(
      `POST /conformance/mcp HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\n` +
        `Accept: ${acceptBoth}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const chunk = "x".repeat(1_000);
    for (let sent = 0; sent < 40; sent += 1) socket.write(`3e8\r\n${chunk}\r\n`);
    expect(await status).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  it("serves the session after all that", async () => {
    expect((await postText('{"jsonrpc":"2.0","id":1,"method":"ping"}')).json()).toEqual({
      jsonrpc: "2.0",
      id: 1,
      result: {},
    });
  });
});

describe("headers", () => {
  it("of another content type are refused with 415", async () => {
    expect((await postText('{"jsonrpc":"2.0","id":1,"method":"ping"}', { "content-type": "text/plain" })).status).toBe(
      415,
    );
  });

  it.each(["*/*", "application/json", "text/event-stream"])("Accept: %s is enough for a call", async (accept) => {
    const answer = await postText('{"jsonrpc":"2.0","id":1,"method":"ping"}', { accept });
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ id: 1, result: {} });
  });

  it("that accept JSON alone get a call with progress as JSON", async () => {
    const call = {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "test_tool_with_progress", _meta: { progressToken: 1 } },
    };
    const answer = await postText(JSON.stringify(call), { accept: "application/json" });
    expect(answer.headers["content-type"]).toMatch(/^application\/json/);
    expect(answer.json()).toMatchObject({ id: 1, result: { content: [{ text: "All steps are done." }] } });
  });

  it.each(["evil.example.com", "evil.example.com:80", "127.0.0.1.evil.example.com"])(
    "Host: %s is refused with 403",
    async (host) => {
      const answer = await send(url, { headers: { accept: acceptBoth, host }, body: initializeRequest("2025-11-25") });
      expect(answer.status).toBe(403);
    },
  );

  it.each(["localhost", "127.0.0.1", "[::1]", "localhost:9999"])("Host: %s is this machine", async (host) => {
    const answer = await send(url, { headers: { accept: acceptBoth, host }, body: initializeRequest("2025-11-25") });
    expect(answer.status).toBe(200);
  });

  it("a foreign Origin is refused with 403 on every endpoint", async () => {
    const origin = "https://evil.example.com";
    for (const path of ["mcp", "sse", "message?sessionId=x"]) {
      const answer = await send(`${gateway.prefix}/${path}`, {
        method: path === "sse" ? "GET" : "POST",
        headers: { accept: acceptBoth, origin, "content-type": "application/json" },
        ...(path === "sse" ? {} : { body: JSON.stringify(initializeRequest("2025-11-25")) }),
      });
      expect([path, answer.status]).toEqual([path, 403]);
    }
  });

  it("an Origin that the route allows gets its CORS headers, the session id among those exposed", async () => {
    const origin = "https://app.example";
    const preflight = await send(url, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,mcp-session-id,mcp-protocol-version",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers["access-control-allow-origin"]).toBe(origin);
    expect(preflight.headers["access-control-allow-headers"]?.toLowerCase()).toContain("mcp-session-id");
    const answer = await send(url, { headers: { accept: acceptBoth, origin }, body: initializeRequest("2025-11-25") });
    expect(answer.status).toBe(200);
    expect(answer.headers["access-control-allow-origin"]).toBe(origin);
    expect(answer.headers["access-control-expose-headers"]?.toLowerCase()).toContain("mcp-session-id");
  });
});

describe("cursors", () => {
  interface Page {
    readonly result: { readonly tools: readonly { readonly name: string }[]; readonly nextCursor?: string };
  }

  async function page(cursor: string | undefined): Promise<Page> {
    const answer = await session.post({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/list",
      params: cursor === undefined ? {} : { cursor },
    });
    return answer.json() as Page; // the tests look into it
  }

  it("lead from page to page, with nothing twice and nothing lost", async () => {
    const sizes: number[] = [];
    const names = new Set<string>();
    let cursor: string | undefined;
    do {
      const { result } = await page(cursor);
      sizes.push(result.tools.length);
      for (const tool of result.tools) names.add(tool.name);
      cursor = result.nextCursor;
    } while (cursor !== undefined);
    expect(sizes).toEqual([4, 4, 4, 3]);
    expect(names.size).toBe(15);
  });

  it.each(["nonsense", "-1", "999999", "{}"])("that were never given (%s) are refused with -32602", async (cursor) => {
    const answer = await session.post({ jsonrpc: "2.0", id: 1, method: "tools/list", params: { cursor } });
    expect(answer.json()).toMatchObject({ error: { code: -32602 } });
  });

  it("are the same in both eras", async () => {
    const first = await send(url, modernRequest("tools/list"));
    const { nextCursor } = (first.json() as Page).result;
    const second = await send(url, modernRequest("tools/list", { params: { cursor: nextCursor } }));
    expect((second.json() as Page).result.tools).toHaveLength(4);
  });
});

describe("addresses", () => {
  it.each(["/", "/conformance", "/conformance/other", "/nowhere/mcp", "/conformance/mcp/more"])(
    "%s is not found, fast and without a page",
    async (path) => {
      const answer = await send(`${gateway.url}${path}`, { body: initializeRequest("2025-11-25") });
      expect(answer.status).toBe(404);
      expect(answer.headers["content-type"] ?? "").not.toMatch(/html|event-stream/);
    },
  );

  it.each([
    "/.well-known/oauth-protected-resource/conformance/mcp",
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
  ])("%s, which clients probe, is not found", async (path) => {
    expect((await send(`${gateway.url}${path}`)).status).toBe(404);
  });

  it("a query behind the endpoint changes nothing", async () => {
    const answer = await send(`${url}?from=test`, {
      headers: { accept: acceptBoth },
      body: initializeRequest("2025-11-25"),
    });
    expect(answer.status).toBe(200);
  });
});
