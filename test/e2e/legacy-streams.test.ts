import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSession } from "../fixtures/legacy-session.ts";
import { openTestGateway, type TestGateway } from "../fixtures/test-gateway.ts";

let gateway: TestGateway;
let url: string;

beforeAll(async () => {
  gateway = await openTestGateway();
  url = `${gateway.prefix}/mcp`;
});

afterAll(() => gateway.close());

const call = (id: number | string, name: string, meta?: unknown): unknown => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: {}, ...(meta === undefined ? {} : { _meta: meta }) },
});
const cancelled = (requestId: number): unknown => ({
  jsonrpc: "2.0",
  method: "notifications/cancelled",
  params: { requestId },
});

describe("streams of calls", () => {
  it("begin with a priming event for 2025-11-25, with an id and the time to wait", async () => {
    const session = await openSession(url, "2025-11-25");
    const stream = await session.stream(call(1, "test_tool_with_progress", { progressToken: 7 }));
    expect(stream.headers["content-type"]).toBe("text/event-stream");
    expect(stream.headers["cache-control"]).toContain("no-cache");
    const first = await stream.next();
    expect(first).toMatchObject({ data: "", id: expect.stringMatching(/.+/) });
    expect(stream.retryMs).toBe(200);
    await session.end();
  });

  it("have no priming event for 2025-06-18, which chokes on empty data", async () => {
    const session = await openSession(url, "2025-06-18");
    const stream = await session.stream(call(1, "test_tool_with_progress", { progressToken: 7 }));
    const first = await stream.next();
    expect(JSON.parse(first?.data ?? "")).toMatchObject({ method: "notifications/progress" });
    await session.end();
  });

  it("are taken up again with Last-Event-ID after the server closed them", async () => {
    const session = await openSession(url, "2025-11-25");
    const stream = await session.stream(call(5, "test_reconnection", { progressToken: "p" }));
    let lastId: string | undefined;
    let data = "";
    for (let event = await stream.next(); event !== undefined; event = await stream.next()) {
      lastId = event.id ?? lastId;
      data += event.data;
    }
    expect(data).not.toContain('"result"');
    const rest = await session.listen(lastId);
    expect(rest.status).toBe(200);
    expect(await answerTo(rest, 5)).toMatchObject({ result: { content: [{ text: "The slow job is done." }] } });
    await session.end();
  });

  it.each([0, 1, 2])("replay what was lost after %d events, and nothing twice", async (seen) => {
    const session = await openSession(url, "2025-11-25");
    const stream = await session.stream(call(6, "test_tool_with_progress", { progressToken: "p" }));
    let lastId = (await stream.next())?.id;
    for (let count = 0; count < seen; count += 1) lastId = (await stream.next())?.id;
    stream.close();
    const rest = await session.listen(lastId);
    const progress: unknown[] = [];
    for (;;) {
      const message = (await rest.message()) as { id?: number; params?: { progress: number } };
      if (message.id === 6) break;
      progress.push(message.params?.progress);
    }
    expect(progress).toEqual([0, 50, 100].slice(seen));
    await session.end();
  });

  it("are not lent to another session: its Last-Event-ID means nothing there", async () => {
    const [owner, other] = await Promise.all([openSession(url, "2025-11-25"), openSession(url, "2025-11-25")]);
    const stream = await owner.stream(call(6, "test_tool_with_progress", { progressToken: "p" }));
    const primed = await stream.next();
    const stolen = await other.listen(primed?.id);
    expect(stolen.status).toBe(400);
    stolen.close();
    await owner.end();
    await other.end();
  });

  it("keep the progress token as it came, of either type", async () => {
    const session = await openSession(url, "2025-11-25");
    for (const progressToken of [0, "0", "token"]) {
      const answer = await session.post(call(1, "test_tool_with_progress", { progressToken }));
      expect(answer.text).toContain(`"progressToken":${JSON.stringify(progressToken)}`);
    }
    await session.end();
  });

  it("do not mix: fifty calls at once get their own answers", async () => {
    const session = await openSession(url, "2025-11-25");
    const echoes = Array.from({ length: 50 }, async (_, index) => {
      const message = { jsonrpc: "2.0", id: `call-${index}`, method: "tools/call" };
      const params = { name: "test_x_mcp_header", arguments: { region: `region-${index}` } };
      const answer = await session.post({ ...message, params });
      expect(answer.json()).toMatchObject({ id: `call-${index}` });
      expect(answer.text).toContain(`region-${index}\\"`);
    });
    await Promise.all(echoes);
    await session.end();
  });

  it("go on when the client hangs up: that is no cancellation before 2026-07-28", async () => {
    const session = await openSession(url, "2025-11-25");
    const stream = await session.stream(call(8, "test_held_job", { progressToken: "p" }));
    const primed = await stream.next();
    await stream.message();
    stream.close();
    const rest = await session.listen(primed?.id);
    await rest.message();
    gateway.site.backend.release();
    expect(await answerTo(rest, 8)).toMatchObject({ result: { content: [{ text: "The held job was released." }] } });
    await session.end();
  });

  it("end without an answer when the call is cancelled, and the backend is told", async () => {
    const session = await openSession(url, "2025-11-25");
    const stream = await session.stream(call(9, "test_held_job", { progressToken: "p" }));
    await stream.message();
    const aborted = once(gateway.site.backend.events, "aborted");
    await session.post(cancelled(9));
    expect(await aborted).toEqual(["/jobs/held"]);
    let answered = false;
    for (let event = await stream.next(); event !== undefined; event = await stream.next()) {
      answered ||= event.data.includes('"id":9');
    }
    expect(answered).toBe(false);
    await session.end();
  });

  it("carry an event id that no other event of the session has", async () => {
    const session = await openSession(url, "2025-11-25");
    const streams = await Promise.all(
      [1, 2, 3].map((id) => session.stream(call(id, "test_tool_with_progress", { progressToken: id }))),
    );
    const ids: string[] = [];
    for (const stream of streams) {
      for (let event = await stream.next(); event !== undefined; event = await stream.next()) {
        if (event.id !== undefined) ids.push(event.id);
      }
    }
    expect(ids.length).toBeGreaterThan(9);
    expect(new Set(ids).size).toBe(ids.length);
    await session.end();
  });
});

describe("the GET stream", () => {
  it("tells that lists changed when, and only when, they did", async () => {
    const session = await openSession(url, "2025-11-25");
    const stream = await session.listen();
    await gateway.reload(); // nothing changed, nothing is told
    await gateway.site.toggle("prompts");
    await gateway.reload();
    expect(await stream.message()).toEqual({ jsonrpc: "2.0", method: "notifications/prompts/list_changed" });
    await gateway.site.toggle("tools");
    await gateway.reload();
    expect(await stream.message()).toEqual({ jsonrpc: "2.0", method: "notifications/tools/list_changed" });
    await session.end();
  });

  it("is one per session: a message is never told twice", async () => {
    const session = await openSession(url, "2025-11-25");
    const first = await session.listen();
    const second = await session.listen();
    await gateway.site.toggle("tools");
    await gateway.reload();
    const heard = [first, second].filter((stream) => stream.status === 200);
    const messages = heard.map((stream) => stream.message().catch(() => undefined));
    expect(
      await Promise.race(messages.map((message) => message.then((value) => value ?? new Promise(() => undefined)))),
    ).toMatchObject({
      method: "notifications/tools/list_changed",
    });
    await session.end();
    const told = (await Promise.all(messages)).filter((message) => message !== undefined);
    expect(told).toHaveLength(1);
  });
});

/** Reads on until the answer to the request has come. */
async function answerTo(stream: { message(): Promise<unknown> }, id: number): Promise<unknown> {
  for (;;) {
    const message = (await stream.message()) as { id?: number }; // JSON-RPC, which the caller checks
    if (message.id === id) return message;
  }
}
