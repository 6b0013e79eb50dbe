import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { acceptBoth, initializeRequest } from "../fixtures/legacy-session.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { openEvents, type RawAnswer, send } from "../fixtures/raw-http.ts";
import { openTestGateway, type TestGateway } from "../fixtures/test-gateway.ts";

let gateway: TestGateway;

const ada = "ada-0123456789abcdef0123456789abcdef";
const bob = "bob-0123456789abcdef0123456789abcdef";

beforeAll(async () => {
  gateway = await openTestGateway((document) => document.replace("    access: public\n", ""), {
    apiKeys: [`ada=${ada}`, `bob=${bob}`],
  });
});

afterAll(() => gateway.close());

function initialize(key: string | undefined): Promise<RawAnswer> {
  return send(`${gateway.prefix}/mcp`, {
    headers: { accept: acceptBoth, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
    body: initializeRequest("2025-11-25"),
  });
}

function ping(session: string, key: string): Promise<RawAnswer> {
  return send(`${gateway.prefix}/mcp`, {
    headers: { accept: acceptBoth, "mcp-session-id": session, authorization: `Bearer ${key}` },
    body: { jsonrpc: "2.0", id: 1, method: "ping" },
  });
}

describe("a route without `access: public`", () => {
  it.each([undefined, "wrong", `${ada}x`, ada.slice(0, -1)])("refuses the key %s on every endpoint", async (key) => {
    const headers = { accept: acceptBoth, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) };
    const body = initializeRequest("2025-11-25");
    const answers = await Promise.all([
      send(`${gateway.prefix}/mcp`, { headers, body }),
      send(`${gateway.prefix}/sse`, { headers }),
      send(`${gateway.prefix}/message?sessionId=x`, { headers, body }),
      send(`${gateway.prefix}/mcp`, {
        ...modernRequest("tools/list"),
        headers: { ...modernRequest("tools/list").headers, ...headers },
      }),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(answer.headers["www-authenticate"]).toMatch(/^Bearer/);
    }
  });

  it("does not take a key from the URL, where logs would keep it", async () => {
    const answer = await send(`${gateway.prefix}/mcp?key=${ada}&access_token=${ada}`, {
      headers: { accept: acceptBoth },
      body: initializeRequest("2025-11-25"),
    });
    expect(answer.status).toBe(401);
  });

  it("takes a key that it knows", async () => {
    expect((await initialize(ada)).status).toBe(200);
    const { headers = {}, body } = modernRequest("tools/list");
    const modern = await send(`${gateway.prefix}/mcp`, {
      headers: { ...headers, authorization: `Bearer ${bob}` },
      body,
    });
    expect(modern.status).toBe(200);
  });

  it("binds a session to whoever opened it", async () => {
    const session = String((await initialize(ada)).headers["mcp-session-id"]);
    expect((await ping(session, bob)).status).toBe(404);
    expect((await ping(session, ada)).status).toBe(200);
  });

  it("binds an event stream to whoever opened it", async () => {
    const stream = await openEvents(`${gateway.prefix}/sse`, { headers: { authorization: `Bearer ${ada}` } });
    const endpoint = new URL((await stream.next())?.data ?? "", gateway.url).href;
    const post = (key: string): Promise<RawAnswer> =>
      send(endpoint, { headers: { authorization: `Bearer ${key}` }, body: initializeRequest("2024-11-05") });
    expect((await post(bob)).status).toBe(404);
    expect((await post(ada)).status).toBe(202);
    stream.close();
  });
});
