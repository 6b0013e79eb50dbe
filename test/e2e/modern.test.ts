import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modernRequest, modernRevision } from "../fixtures/modern-request.ts";
import { type EventStream, openEvents, send, sendAndLeave } from "../fixtures/raw-http.ts";
import { openTestGateway, type TestGateway } from "../fixtures/test-gateway.ts";

let gateway: TestGateway;
let url: string;

beforeAll(async () => {
  gateway = await openTestGateway((document) =>
    document
      .replace("streams:\n", "streams:\n      keepAliveMs: 50\n")
      .concat("\ncaching: { ttlMs: 60000, scope: public }\n"),
  );
  url = `${gateway.prefix}/mcp`;
});

afterAll(() => gateway.close());

const key = "io.modelcontextprotocol";

function listen(notifications: unknown, id: string | number = "sub-1"): Promise<EventStream> {
  return openEvents(url, modernRequest("subscriptions/listen", { id, params: { notifications } }));
}

describe("discovery", () => {
  it("tells the versions, capabilities, instructions and who serves", async () => {
    const answer = await send(url, modernRequest("server/discover"));
    expect(answer.json()).toMatchObject({
      result: {
        resultType: "complete",
        supportedVersions: [modernRevision],
        capabilities: {
          tools: { listChanged: true },
          prompts: { listChanged: true },
          resources: {},
          completions: {},
        },
        instructions: expect.stringContaining("REST fixture"),
        ttlMs: 60_000,
        cacheScope: "public",
        _meta: { [`${key}/serverInfo`]: { name: "conformance", version: "1.0.0" } },
      },
    });
  });
});

describe("results that may be kept", () => {
  it.each([
    ["tools/list", {}],
    ["prompts/list", {}],
    ["resources/list", {}],
    ["resources/templates/list", {}],
    ["resources/read", { uri: "test://static-text" }],
  ])("%s says for how long and for whom", async (method, params) => {
    const answer = await send(url, modernRequest(method, { params }));
    expect(answer.json()).toMatchObject({ result: { resultType: "complete", ttlMs: 60_000, cacheScope: "public" } });
  });

  it("a call says nothing of the kind", async () => {
    const answer = await send(url, modernRequest("tools/call", { params: { name: "test_simple_text" } }));
    expect(answer.text).not.toContain("ttlMs");
  });
});

describe("a call", () => {
  it("is answered as JSON when there is nothing to tell before", async () => {
    const answer = await send(url, modernRequest("tools/call", { params: { name: "test_simple_text" } }));
    expect(answer.headers["content-type"]).toMatch(/^application\/json/);
  });

  it("is answered as a stream of its progress, without event ids", async () => {
    const stream = await openEvents(
      url,
      modernRequest("tools/call", { params: { name: "test_tool_with_progress" }, meta: { progressToken: "p" } }),
    );
    expect(stream.headers["content-type"]).toMatch(/^text\/event-stream/);
    expect(stream.headers["x-accel-buffering"]).toBe("no");
    const methods: unknown[] = [];
    for (let event = await stream.next(); event !== undefined; event = await stream.next()) {
      expect(event.id).toBeUndefined();
      methods.push((JSON.parse(event.data) as { method?: string }).method ?? "answer");
    }
    expect(methods).toEqual([...Array.from({ length: 3 }, () => "notifications/progress"), "answer"]);
  });

  it("logs when it is asked to, from the level asked for", async () => {
    const params = { name: "test_logging_tool" };
    const request = (level: string) => modernRequest("tools/call", { params, meta: { [`${key}/logLevel`]: level } });
    expect((await send(url, request("info"))).text).toContain("notifications/message");
    expect((await send(url, request("warning"))).text).not.toContain("notifications/message");
    expect((await send(url, modernRequest("tools/call", { params }))).text).not.toContain("notifications/message");
  });

  it("is cancelled when its client hangs up", async () => {
    const stream = await openEvents(
      url,
      modernRequest("tools/call", { params: { name: "test_held_job" }, meta: { progressToken: 1 } }),
    );
    await stream.message();
    const aborted = once(gateway.site.backend.events, "aborted");
    stream.close();
    expect(await aborted).toEqual(["/jobs/held"]);
  });

  it("is cancelled when its client hangs up before anything was told", async () => {
    const began = once(gateway.site.backend.events, "request");
    const hangUp = sendAndLeave(url, modernRequest("tools/call", { params: { name: "test_held_job" } }));
    await began;
    const aborted = once(gateway.site.backend.events, "aborted");
    hangUp();
    expect(await aborted).toEqual(["/jobs/held"]);
  });
});

describe("subscriptions/listen", () => {
  it("acknowledges first, with what it will tell, and tags every message", async () => {
    const stream = await listen({ toolsListChanged: true, promptsListChanged: true }, 41);
    expect(await stream.message()).toEqual({
      jsonrpc: "2.0",
      method: "notifications/subscriptions/acknowledged",
      params: {
        notifications: { toolsListChanged: true, promptsListChanged: true },
        _meta: { [`${key}/subscriptionId`]: 41 },
      },
    });
    await gateway.site.toggle("tools");
    await gateway.reload();
    expect(await stream.message()).toEqual({
      jsonrpc: "2.0",
      method: "notifications/tools/list_changed",
      params: { _meta: { [`${key}/subscriptionId`]: 41 } },
    });
    stream.close();
  });

  it("tells nothing that was not asked for", async () => {
    const stream = await listen({ promptsListChanged: true });
    await stream.message();
    await gateway.site.toggle("tools");
    await gateway.reload();
    await gateway.site.toggle("prompts");
    await gateway.reload();
    expect(await stream.message()).toMatchObject({ method: "notifications/prompts/list_changed" });
    stream.close();
  });

  it("is kept alive with comments", async () => {
    const stream = await listen({ toolsListChanged: true });
    await stream.comment();
    await stream.comment();
    expect(stream.comments.length).toBeGreaterThanOrEqual(2);
    stream.close();
  });

  it("ends with its result when the gateway closes", async () => {
    const closing = await openTestGateway();
    const stream = await openEvents(
      `${closing.prefix}/mcp`,
      modernRequest("subscriptions/listen", { id: "last", params: { notifications: { toolsListChanged: true } } }),
    );
    await stream.message();
    const closed = closing.close();
    expect(await stream.message()).toMatchObject({
      id: "last",
      result: { resultType: "complete", _meta: { [`${key}/subscriptionId`]: "last" } },
    });
    expect(await stream.next()).toBeUndefined();
    await closed;
  });

  it("refuses a filter that is none", async () => {
    const answer = await send(url, modernRequest("subscriptions/listen", { params: { notifications: "all" } }));
    expect(answer.json()).toMatchObject({ error: { code: -32602 } });
  });
});

describe("the era of a request", () => {
  it("is told by its envelope, not by its headers: Mcp-Method on an older request changes nothing", async () => {
    const answer = await send(url, {
      headers: { accept: "application/json, text/event-stream", "mcp-method": "initialize" },
      body: {
        jsonrpc: "2.0",
        id: 1,
        method: "initialize",
        params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "x", version: "1" } },
      },
    });
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ result: { protocolVersion: "2025-11-25" } });
  });

  it("is modern when only the version header says so, and then lacks its envelope", async () => {
    const answer = await send(url, {
      headers: { accept: "application/json", "mcp-protocol-version": modernRevision },
      body: { jsonrpc: "2.0", id: 1, method: "tools/list" },
    });
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ id: 1, error: { code: -32602 } });
  });
});
