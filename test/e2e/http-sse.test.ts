import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { initializeRequest } from "../fixtures/legacy-session.ts";
import { type EventStream, openEvents, type RawAnswer, send } from "../fixtures/raw-http.ts";
import { openTestGateway, type TestGateway } from "../fixtures/test-gateway.ts";

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await openTestGateway((document) => document.replace("streams:\n", "streams:\n      keepAliveMs: 50\n"));
});

afterAll(() => gateway.close());

interface SseSession {
  readonly stream: EventStream;
  readonly endpoint: string;
  post(message: unknown): Promise<RawAnswer>;
  /** Posts a request and waits for its answer on the stream. */
  ask(message: { id: number }): Promise<unknown>;
}

/** Opens the stream and learns where to post. */
async function connect(): Promise<SseSession> {
  const stream = await openEvents(`${gateway.prefix}/sse`, { headers: { accept: "text/event-stream" } });
  const first = await stream.next();
  if (first?.event !== "endpoint") throw new Error(`the first event is ${first?.event}`);
  const endpoint = new URL(first.data, gateway.url).href;
  const post = (message: unknown): Promise<RawAnswer> => send(endpoint, { body: message });
  return {
    stream,
    endpoint,
    post,
    ask: async (message) => {
      const { status, text } = await post(message);
      if (status !== 202) throw new Error(`${status} ${text}`);
      for (;;) {
        const answer = (await stream.message()) as { id?: number }; // JSON-RPC, which the caller checks
        if (answer.id === message.id) return answer;
      }
    },
  };
}

interface Request {
  readonly jsonrpc: "2.0";
  readonly id: number;
  readonly method: string;
  readonly params?: unknown;
}

const request = (id: number, method: string, params?: unknown): Request => ({ jsonrpc: "2.0", id, method, params });
const initialize = (id: number, revision: string): { id: number } => ({ id, ...initializeRequest(revision, id) });

describe("HTTP+SSE", () => {
  it("begins with the address for messages, relative to the server", async () => {
    const stream = await openEvents(`${gateway.prefix}/sse`, { headers: { accept: "text/event-stream" } });
    expect(stream.status).toBe(200);
    expect(stream.headers["content-type"]).toMatch(/^text\/event-stream/);
    const first = await stream.next();
    expect(first?.event).toBe("endpoint");
    expect(first?.data).toMatch(/^\/conformance\/message\?sessionId=[\w-]{22,}$/);
    stream.close();
  });

  it.each(["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])("does the handshake of %s", async (revision) => {
    const session = await connect();
    const accepted = await session.post(initializeRequest(revision, 3));
    expect(accepted.status).toBe(202);
    const event = await session.stream.next();
    expect(event?.event).toBe("message");
    expect(JSON.parse(event?.data ?? "")).toMatchObject({ id: 3, result: { protocolVersion: revision } });
    session.stream.close();
  });

  it("answers on the stream, not on the request", async () => {
    const session = await connect();
    await session.ask(initialize(1, "2024-11-05"));
    const accepted = await session.post(request(2, "tools/call", { name: "test_simple_text", arguments: {} }));
    expect(accepted.status).toBe(202);
    expect(accepted.text).not.toContain("simple text response");
    expect(await session.stream.message()).toMatchObject({ id: 2, result: { content: [{ type: "text" }] } });
    session.stream.close();
  });

  it("leaves out what 2024-11-05 does not know", async () => {
    const session = await connect();
    await session.ask(initialize(1, "2024-11-05"));
    const audio = await session.ask(request(2, "tools/call", { name: "test_audio_content", arguments: {} }));
    expect(JSON.stringify(audio)).not.toContain('"type":"audio"');
    const list = JSON.stringify(await session.ask(request(3, "tools/list")));
    expect(list).not.toContain('"annotations"');
    session.stream.close();
  });

  it("answers server/discover with -32601, so that newer clients begin the handshake", async () => {
    const session = await connect();
    const answer = await session.ask(
      request(1, "server/discover", {
        _meta: {
          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientCapabilities": {},
        },
      }),
    );
    expect(answer).toMatchObject({ error: { code: -32601 } });
    expect(await session.ask(initialize(2, "2025-11-25"))).toMatchObject({
      result: { protocolVersion: "2025-11-25" },
    });
    session.stream.close();
  });

  it("keeps a silent stream alive with comments", async () => {
    const session = await connect();
    await session.stream.comment();
    await session.stream.comment();
    expect(session.stream.comments.length).toBeGreaterThanOrEqual(2);
    session.stream.close();
  });

  it("ends the session with its stream, and the calls that run in it", async () => {
    const session = await connect();
    await session.ask(initialize(1, "2024-11-05"));
    await session.post(request(2, "tools/call", { name: "test_held_job", arguments: {}, _meta: { progressToken: 1 } }));
    expect(await session.stream.message()).toMatchObject({ method: "notifications/progress" });
    const aborted = once(gateway.site.backend.events, "aborted");
    session.stream.close();
    expect(await aborted).toEqual(["/jobs/held"]);
    expect((await session.post(request(3, "ping"))).status).toBe(404);
  });

  it("refuses a message without a session (400), of an unknown one (404) and of another type (400)", async () => {
    const message = `${gateway.prefix}/message`;
    expect((await send(message, { body: request(1, "ping") })).status).toBe(400);
    expect((await send(`${message}?sessionId=unknown`, { body: request(1, "ping") })).status).toBe(404);
    const session = await connect();
    const plain = await send(session.endpoint, {
      headers: { "content-type": "text/plain" },
      body: JSON.stringify(request(1, "ping")),
    });
    expect([400, 415]).toContain(plain.status);
    session.stream.close();
  });

  it("refuses a POST to the stream's address, as clients that probe expect it", async () => {
    const answer = await send(`${gateway.prefix}/sse`, { body: initializeRequest("2025-11-25") });
    expect([404, 405]).toContain(answer.status);
  });

  it("does not take a session of /mcp, nor lends its own to it", async () => {
    const session = await connect();
    await session.ask(initialize(1, "2024-11-05"));
    const id = new URL(session.endpoint).searchParams.get("sessionId") ?? "";
    const answer = await send(`${gateway.prefix}/mcp`, {
      headers: { accept: "application/json, text/event-stream", "mcp-session-id": id },
      body: request(2, "ping"),
    });
    expect(answer.status).toBe(404);
    session.stream.close();
  });

  it("answers a message that is no JSON with 400 and keeps the stream", async () => {
    const session = await connect();
    const broken = await send(session.endpoint, { headers: { "content-type": "application/json" }, body: "{" });
    expect(broken.status).toBe(400);
    expect(await session.ask(initialize(1, "2024-11-05"))).toBeDefined();
    session.stream.close();
  });
});
