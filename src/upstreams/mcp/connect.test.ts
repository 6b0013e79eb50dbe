import { performance } from "node:perf_hooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { InputRequest, InputResponse } from "../../core/mcp-call.ts";
import {
  type ConnectTo,
  connectTo,
  firstText,
  type OpenedConnection,
  plainRequest,
  toolCall,
} from "../../../test/fixtures/mcp-connection-fixture.ts";
import { RecordedCall } from "../../../test/fixtures/recorded-call.ts";
import { buildFixtureProgram } from "../../../test/fixtures/upstreams/fixture-program.ts";
import { matrixServer, watchedUri } from "../../../test/fixtures/upstreams/matrix-server.ts";
import {
  type FixtureSdk,
  type ListeningFixture,
  serveHttp,
  serveSse,
} from "../../../test/fixtures/upstreams/serve-fixture.ts";

interface Site {
  readonly name: string;
  readonly era: "legacy" | "modern";
  readonly transport: "stdio" | "sse" | "streamable-http";
  readonly revision: string;
  /** Of a resource that does not exist; SDK 2.x uses the newer code in both eras. */
  readonly notFoundCode: number;
  serve(): Promise<ConnectTo & { readonly fixture?: Pick<ListeningFixture, "close"> }>;
}

function http(sdk: FixtureSdk, revision: string): Site {
  const era = sdk === "2026-07-28" ? "modern" : "legacy";
  const serve: Site["serve"] = async () => {
    const fixture = await serveHttp(matrixServer(), sdk);
    return { url: fixture.url, fixture };
  };
  const notFoundCode = era === "modern" || sdk === "v2" ? -32_602 : -32_002;
  return { name: `Streamable HTTP, ${sdk}`, era, transport: "streamable-http", revision, notFoundCode, serve };
}

function sse(revision: "2024-11-05" | "2025-11-25"): Site {
  const serve: Site["serve"] = async () => {
    const fixture = await serveSse(matrixServer(), revision);
    return { url: fixture.url, fixture };
  };
  return { name: `HTTP+SSE, ${revision}`, era: "legacy", transport: "sse", revision, notFoundCode: -32_002, serve };
}

function stdio(sdk: FixtureSdk, revision: string): Site {
  const era = sdk === "2026-07-28" ? "modern" : "legacy";
  const serve: Site["serve"] = async () => {
    const fixture = await buildFixtureProgram();
    return { command: fixture.command("--fixture", "matrix", "--sdk", sdk), fixture };
  };
  const notFoundCode = era === "modern" ? -32_602 : -32_002;
  return { name: `stdio, ${sdk}`, era, transport: "stdio", revision, notFoundCode, serve };
}

const sites: readonly Site[] = [
  http("2025-03-26", "2025-03-26"),
  http("2025-06-18", "2025-06-18"),
  http("2025-11-25", "2025-11-25"),
  http("v2", "2025-11-25"),
  http("2026-07-28", "2026-07-28"),
  sse("2024-11-05"),
  sse("2025-11-25"),
  stdio("2025-11-25", "2025-11-25"),
  stdio("2026-07-28", "2026-07-28"),
];

/** A client that answers whatever it is asked. */
function answering(request: InputRequest): Promise<InputResponse> {
  switch (request.method) {
    case "elicitation/create":
      return Promise.resolve({ kind: "result", result: { action: "accept", content: { color: "blue" } } });
    case "sampling/createMessage":
      return Promise.resolve({
        kind: "result",
        result: { role: "assistant", model: "m", content: { type: "text", text: "hi" } },
      });
    default:
      return Promise.resolve({ kind: "result", result: { roots: [{ uri: "file:///a", name: "a" }] } });
  }
}

describe.each(sites)("a server of official libraries over $name", (site) => {
  let opened: OpenedConnection;
  let fixture: Pick<ListeningFixture, "close"> | undefined;

  beforeAll(async () => {
    const served = await site.serve();
    fixture = served.fixture;
    opened = await connectTo(served);
  });

  afterAll(async () => {
    await opened.connection.close();
    await fixture?.close();
  });

  it("is detected", () => {
    const { connection, detected } = opened;
    expect(detected).toMatchObject({ transport: site.transport, era: site.era });
    expect(connection.server).toMatchObject({ protocolVersion: site.revision, info: { name: "matrix" } });
    expect(connection.isStateless).toBe(site.era === "modern");
  });

  it("lists and calls, several calls at once", async () => {
    const { connection } = opened;
    const list = await connection.requestOwn(plainRequest("tools/list"), performance.now() + 5_000);
    expect(list).toMatchObject({ kind: "result", rank: connection.server.rank });
    const texts = Array.from({ length: 20 }, (_, index) => `text ${index}`);
    const replies = await Promise.all(
      texts.map((text) => connection.request(toolCall("echo", { text }), new RecordedCall())),
    );
    expect(replies.map(firstText)).toEqual(texts);
    expect(connection.inFlight).toBe(0);
  });

  it("passes errors of the server on", async () => {
    const reply = await opened.connection.request(
      { ...plainRequest("resources/read", { uri: "matrix://none" }), name: "matrix://none" },
      new RecordedCall(),
    );
    expect(reply).toMatchObject({ kind: "error", code: site.notFoundCode });
  });

  it("passes progress on to the call that it belongs to", async () => {
    const { connection } = opened;
    const one = new RecordedCall();
    const other = new RecordedCall();
    const name = `progress ${site.name}`;
    const replies = [
      connection.request(toolCall("progress", { text: `${name} 1` }), one),
      connection.request(toolCall("progress", { text: `${name} 2` }), other),
    ];
    await one.until(() => one.updates.length === 3);
    await other.until(() => other.updates.length === 3);
    expect(one.updates.map(({ progress, total }) => [progress, total])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    expect(one.updates[0]).not.toHaveProperty("progressToken");
    for (const text of [`${name} 1`, `${name} 2`]) {
      await connection.request(toolCall("finish", { text }), new RecordedCall());
    }
    expect((await Promise.all(replies)).map(firstText)).toEqual(["three steps", "three steps"]);
  });

  it("is told when the client cancels", async () => {
    const { connection } = opened;
    const call = new RecordedCall();
    const slow = connection.request(toolCall("slow", { text: "cancel" }), call);
    await call.until(() => call.updates.length === 1);
    call.abort?.();
    await expect(slow).rejects.toMatchObject({ code: "cancelled" });
    const told = await connection.request(toolCall("await_cancel", { text: "cancel" }), new RecordedCall());
    expect(firstText(told)).toBe("it was cancelled");
  });

  it("is told when the deadline is over", async () => {
    const { connection } = opened;
    const call = new RecordedCall();
    const slow = connection.request(toolCall("slow", { text: "deadline" }), call);
    await call.until(() => call.updates.length === 1);
    call.deadlineAt = performance.now();
    await expect(slow).rejects.toMatchObject({ code: "timed_out" });
    expect(call.abort).toBeUndefined();
    const told = await connection.request(toolCall("await_cancel", { text: "deadline" }), new RecordedCall());
    expect(firstText(told)).toBe("it was cancelled");
  });

  if (site.era === "legacy") {
    it.each([
      ["roots", "roots/list", "file:///a"],
      ["sample", "sampling/createMessage", "the model said hi"],
      ...(site.revision >= "2025-06-18" ? [["ask", "elicitation/create", "the user likes blue"]] : []),
    ])("asks the client in the middle of a call: %s", async (tool, method, text) => {
      const call = new RecordedCall({ answer: answering, sessionId: "one" });
      const reply = await opened.connection.request(toolCall(tool), call);
      expect(call.asked.map((question) => question.method)).toEqual([method]);
      expect(firstText(reply)).toContain(text);
    });
  } else {
    it("returns what it wants to know from the client", async () => {
      const reply = await opened.connection.request(toolCall("ask"), new RecordedCall());
      expect(reply).toMatchObject({ kind: "result", value: { resultType: "input_required" } });
    });
  }

  it("tells changes of a watched resource", async () => {
    const { connection, listener } = opened;
    await connection.watch(new Set([watchedUri]));
    await connection.request(toolCall("touch"), new RecordedCall());
    await listener.until(() => listener.heard.some(({ method }) => method.endsWith("/updated")));
    const update = listener.heard.find(({ method }) => method.endsWith("/updated"));
    expect(update?.params).toEqual({ uri: watchedUri });
  });

  it("answers pings", async () => {
    await opened.connection.ping(performance.now() + 5_000);
  });
});
