import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { acceptBoth, initializeRequest, openSession } from "../fixtures/legacy-session.ts";
import { send } from "../fixtures/raw-http.ts";
import { openTestGateway, type TestGateway } from "../fixtures/test-gateway.ts";

let gateway: TestGateway;
let url: string;

beforeAll(async () => {
  gateway = await openTestGateway((document) =>
    document.replace("routes:\n", "routes:\n  - prefix: /second\n    access: public\n"),
  );
  url = `${gateway.prefix}/mcp`;
});

afterAll(() => gateway.close());

const call = (id: number | string, name: string, meta?: unknown): unknown => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: {}, ...(meta === undefined ? {} : { _meta: meta }) },
});
const ping = (id: number | string): unknown => ({ jsonrpc: "2.0", id, method: "ping" });
const cancelled = (requestId: number): unknown => ({
  jsonrpc: "2.0",
  method: "notifications/cancelled",
  params: { requestId },
});

describe("the handshake", () => {
  it.each(["2024-10-07", "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])("grants %s", async (revision) => {
    const session = await openSession(url, revision);
    expect(session.initialized).toMatchObject({ id: 0, result: { protocolVersion: revision } });
    expect(session.id).toMatch(/^[\x21-\x7e]{22,}$/);
    await session.end();
  });

  it.each(["2026-07-28", "2099-01-01", "1999-01-01"])("answers %s with 2025-11-25", async (revision) => {
    const session = await openSession(url, revision);
    expect(session.initialized).toMatchObject({ result: { protocolVersion: "2025-11-25" } });
    await session.end();
  });

  it("is refused a second time on one session", async () => {
    const session = await openSession(url, "2025-11-25");
    const answer = await session.post(initializeRequest("2025-11-25", 7));
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ id: 7, error: { code: -32600 } });
    await session.end();
  });

  it("gives every session an id of its own", async () => {
    const sessions = await Promise.all(Array.from({ length: 20 }, () => openSession(url, "2025-11-25")));
    expect(new Set(sessions.map((session) => session.id)).size).toBe(20);
    await Promise.all(sessions.map((session) => session.end()));
  });
});

describe("a session", () => {
  it("answers ids of every kind as they came", async () => {
    const session = await openSession(url, "2025-11-25");
    for (const id of [0, 1, "0", "a-b", 9007199254740991]) {
      expect((await session.post(ping(id))).json()).toEqual({ jsonrpc: "2.0", id, result: {} });
    }
    await session.end();
  });

  it("answers a method that does not exist with -32601", async () => {
    const session = await openSession(url, "2025-11-25");
    const answer = await session.post({ jsonrpc: "2.0", id: 1, method: "no/such" });
    expect(answer.json()).toMatchObject({ id: 1, error: { code: -32601 } });
    await session.end();
  });

  it("answers a resource that does not exist with -32002, the code of all legacy revisions", async () => {
    for (const revision of ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]) {
      const session = await openSession(url, revision);
      const params = { uri: "test://nowhere" };
      const answer = await session.post({ jsonrpc: "2.0", id: 1, method: "resources/read", params });
      expect(answer.json()).toMatchObject({ id: 1, error: { code: -32002, data: { uri: "test://nowhere" } } });
      await session.end();
    }
  });

  it("takes notifications with 202 and an empty body, known or not", async () => {
    const session = await openSession(url, "2025-11-25");
    for (const method of ["notifications/initialized", "notifications/unheard/of"]) {
      const answer = await session.post({ jsonrpc: "2.0", method });
      expect([answer.status, answer.text]).toEqual([202, ""]);
    }
    await session.end();
  });

  it("is gone after DELETE: 404 for every further request", async () => {
    const session = await openSession(url, "2025-11-25");
    expect((await session.end()).status).toBeLessThan(300);
    const answer = await session.post(ping(1));
    expect(answer.status).toBe(404);
    expect(answer.json()).toMatchObject({ error: { code: -32001 } });
    const stream = await session.listen();
    expect(stream.status).toBe(404);
    stream.close();
    expect((await session.end()).status).toBe(404);
  });

  it("ends its GET stream when it is deleted", async () => {
    const session = await openSession(url, "2025-11-25");
    const stream = await session.listen();
    expect(stream.status).toBe(200);
    await session.end();
    while ((await stream.next()) !== undefined);
    expect(await stream.next()).toBeUndefined();
  });

  it("is bound to the route that opened it", async () => {
    const session = await openSession(url, "2025-11-25");
    const answer = await send(`${gateway.url}/second/mcp`, {
      headers: { accept: acceptBoth, "mcp-session-id": session.id },
      body: ping(1),
    });
    expect(answer.status).toBe(404);
    expect((await session.post(ping(2))).status).toBe(200);
    await session.end();
  });

  it("is not guessed: an unknown id is 404, none at all is 400", async () => {
    const unknown = await send(url, {
      headers: { accept: acceptBoth, "mcp-session-id": "0123456789abcdef0123456789abcdef" },
      body: ping(1),
    });
    expect(unknown.status).toBe(404);
    expect(unknown.json()).toMatchObject({ error: { code: -32001 } });
    const absent = await send(url, { headers: { accept: acceptBoth }, body: ping(1) });
    expect(absent.status).toBe(400);
  });

  it("refuses a revision that nobody speaks, with 400", async () => {
    const session = await openSession(url, "2025-06-18");
    const answer = await session.post(ping(1), { "mcp-protocol-version": "1999-01-01" });
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ error: { code: -32000 } });
    await session.end();
  });
});

describe("the limits of sessions", () => {
  it("hold: a session too many is refused with 503 until another one ends", async () => {
    const small = await openTestGateway((document) =>
      document.replace("access: public\n", "access: public\n    sessions: { max: 2 }\n"),
    );
    const first = await openSession(`${small.prefix}/mcp`, "2025-11-25");
    await openSession(`${small.prefix}/mcp`, "2025-11-25");
    const refused = await send(`${small.prefix}/mcp`, {
      headers: { accept: acceptBoth },
      body: initializeRequest("2025-11-25"),
    });
    expect(refused.status).toBe(503);
    await first.end();
    await openSession(`${small.prefix}/mcp`, "2025-11-25");
    await small.close();
  });

  it("are none where a session is not required", async () => {
    const open = await openTestGateway((document) =>
      document.replace("access: public\n", "access: public\n    sessions: { required: false }\n"),
    );
    const answer = await send(`${open.prefix}/mcp`, {
      headers: { accept: acceptBoth, "mcp-protocol-version": "2025-06-18" },
      body: call(1, "test_simple_text"),
    });
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ id: 1, result: { content: [{ type: "text" }] } });
    await open.close();
  });
});

describe("the endpoint without a session", () => {
  it.each(["GET", "DELETE"])("answers %s with 405", async (method) => {
    const answer = await send(url, { method, headers: { accept: "text/event-stream" } });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toContain("POST");
  });

  it("answers a method that HTTP knows and MCP does not with 405", async () => {
    expect((await send(url, { method: "PUT", body: ping(1) })).status).toBe(405);
  });
});

describe("batches", () => {
  it("are answered for 2025-03-26, notifications among them without an answer", async () => {
    const session = await openSession(url, "2025-03-26");
    const answer = await session.post([
      ping("a"),
      { jsonrpc: "2.0", method: "notifications/unheard/of" },
      call("b", "test_simple_text"),
      { jsonrpc: "2.0", id: "c", method: "no/such" },
    ]);
    expect(answer.status).toBe(200);
    const ids = collectAnswers(answer.text).map((message) => message.id);
    expect(ids.toSorted()).toEqual(["a", "b", "c"]);
    await session.end();
  });

  it("of notifications alone are taken with 202", async () => {
    const session = await openSession(url, "2025-03-26");
    const answer = await session.post([{ jsonrpc: "2.0", method: "notifications/unheard/of" }, cancelled(99)]);
    expect([answer.status, answer.text]).toEqual([202, ""]);
    await session.end();
  });

  it("must not hold the handshake", async () => {
    const answer = await send(url, {
      headers: { accept: acceptBoth },
      body: [initializeRequest("2025-03-26"), ping(1)],
    });
    expect(answer.status).toBe(400);
    expect(answer.headers["mcp-session-id"]).toBeUndefined();
  });

  it("must not be empty", async () => {
    const session = await openSession(url, "2025-03-26");
    const answer = await session.post([]);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ error: { code: -32600 } });
    await session.end();
  });

  it.each(["2025-06-18", "2025-11-25"])("are refused for %s", async (revision) => {
    const session = await openSession(url, revision);
    const answer = await session.post([ping(1)]);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ error: { code: -32600 } });
    await session.end();
  });
});

function collectAnswers(text: string): readonly { id: string }[] {
  if (text.startsWith("[")) return JSON.parse(text) as { id: string }[]; // a batch, which the caller checks
  return Array.from(text.matchAll(/^data: (.+)$/gm)).flatMap(([, data = ""]) => {
    const message = JSON.parse(data) as { id: string } | { id: string }[]; // an answer or a batch of them
    return Array.isArray(message) ? message : [message];
  });
}
