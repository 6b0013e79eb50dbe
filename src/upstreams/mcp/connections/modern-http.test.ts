import { once } from "node:events";
import { performance } from "node:perf_hooks";
import { afterEach, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../core/json.ts";
import type { Clock } from "../lifecycle/clock.ts";
import {
  discoverResult,
  type HandWrittenServer,
  type HandWrittenTurn,
  startHandWritten,
} from "../../../../test/fixtures/hand-written-server.ts";
import { connectTo, type OpenedConnection, toolCall } from "../../../../test/fixtures/mcp-connection-fixture.ts";
import { RecordedCall } from "../../../../test/fixtures/recorded-call.ts";

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

interface Line extends OpenedConnection {
  readonly server: HandWrittenServer;
}

/** Waits take no time. */
const hastyClock: Clock = {
  now: () => performance.now(),
  after: (_, run) => {
    const immediate = setImmediate(run);
    return () => clearImmediate(immediate);
  },
  random: () => 0,
};

async function connectWith(
  play: (turn: HandWrittenTurn) => boolean,
  capabilities: JsonObject = {},
  clock: Clock = hastyClock,
): Promise<Line> {
  const server = await startHandWritten((turn) => {
    if (turn.method !== "server/discover") return play(turn);
    turn.result(discoverResult(capabilities));
    return true;
  });
  closers.push(() => server.close());
  const opened = await connectTo({ url: server.url, clock });
  closers.push(() => opened.connection.close());
  return { ...opened, server };
}

function onCall(answer: (turn: HandWrittenTurn) => void): (turn: HandWrittenTurn) => boolean {
  return (turn) => {
    if (turn.method !== "tools/call") return false;
    answer(turn);
    return true;
  };
}

function event(message: JsonObject): string {
  return `data: ${JSON.stringify(message)}\n\n`;
}

function metaOf(turn: HandWrittenTurn | undefined): unknown {
  const params = turn?.message["params"] as JsonObject | undefined; // the gateway's
  return params?.["_meta"];
}

describe("a request of 2026-07-28", () => {
  it("carries the whole envelope of its client, and mirrors it into headers", async () => {
    const line = await connectWith(onCall((turn) => turn.result({ resultType: "complete", content: [] })));
    const client = { info: { name: "c", version: "9" }, capabilities: { sampling: {}, extensions: { "x/y": {} } } };
    const call = new RecordedCall({ client, logLevel: "warning" });
    const request = toolCall("grüße", { a: 1 }, { meta: { traceparent: "00" }, mirrored: ["mcp-param-region", "eu"] });
    await line.connection.request(request, call);
    const [turn] = await line.server.heard("tools/call");
    expect(turn?.headers).toMatchObject({
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": "=?base64?Z3LDvMOfZQ==?=",
      "mcp-param-region": "eu",
    });
    expect(turn?.message).toMatchObject({ params: { name: "grüße", arguments: { a: 1 } } });
    expect(metaOf(turn)).toEqual({
      traceparent: "00",
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": client.info,
      "io.modelcontextprotocol/clientCapabilities": client.capabilities,
      "io.modelcontextprotocol/logLevel": "warning",
      progressToken: turn?.message["id"],
    });
  });

  it("puts what a legacy client declared into the words of the revision", async () => {
    const line = await connectWith(onCall((turn) => turn.result({ content: [] })));
    const capabilities = {
      roots: { listChanged: true },
      tasks: { list: {} },
      elicitation: {},
      experimental: { a: {} },
      extensions: { "io.modelcontextprotocol/tasks": {}, "io.modelcontextprotocol/ui": {} },
    };
    const call = new RecordedCall({ sessionId: "s", client: { info: undefined, capabilities } });
    const reply = await line.connection.request(toolCall("t"), call);
    // Without `resultType` a result is complete; it is handed on as it is.
    expect(reply).toMatchObject({ kind: "result", text: '{"content":[]}', rank: 4 });
    const [turn] = await line.server.heard("tools/call");
    expect(metaOf(turn)).toMatchObject({
      "io.modelcontextprotocol/clientInfo": { name: "passerelle" },
      "io.modelcontextprotocol/clientCapabilities": {
        roots: {},
        elicitation: {},
        experimental: { a: {} },
        extensions: { "io.modelcontextprotocol/ui": {} },
      },
    });
    expect(JSON.stringify(metaOf(turn))).not.toMatch(/tasks|listChanged|logLevel/);
  });

  it("has a stream of its own: what comes on it belongs to it, but for questions, which no server may ask", async () => {
    const line = await connectWith(
      onCall((turn) => {
        const id = turn.message["id"] ?? null;
        turn.stream(event({ jsonrpc: "2.0", id: "q", method: "elicitation/create", params: {} }));
        turn.stream(event({ jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data: id } }));
        turn.stream(event({ jsonrpc: "2.0", method: "notifications/vendor", params: { of: id } }));
        turn.stream(event({ jsonrpc: "2.0", id, result: { content: [], of: id } }));
        turn.end(200);
      }),
    );
    const calls = [new RecordedCall(), new RecordedCall(), new RecordedCall()];
    const replies = await Promise.all(calls.map((call) => line.connection.request(toolCall("t"), call)));
    for (const [index, call] of calls.entries()) {
      const { value } = replies[index] as { value: JsonObject }; // results, as the next line shows
      const of = value["of"];
      expect(typeof of).toBe("number");
      expect(call.logged).toEqual([{ level: "info", data: of }]);
      expect(call.notified).toEqual([{ method: "notifications/vendor", params: { of } }]);
      expect(call.asked).toEqual([]);
    }
    expect(line.server.turns.some(({ message }) => message["id"] === "q")).toBe(false);
  });

  it("passes refusals on, with their codes", async () => {
    for (const code of [-32_020, -32_021, -32_601]) {
      const line = await connectWith(onCall((turn) => turn.error(400, code, "no", { a: 1 })));
      const reply = await line.connection.request(toolCall("t"), new RecordedCall());
      expect(reply).toEqual({ kind: "error", code, message: "no", data: { a: 1 }, rank: 4 });
    }
  });

  it("ends the connection when the revision is no longer served", async () => {
    const line = await connectWith(onCall((turn) => turn.error(400, -32_022, "no", { supported: ["2027-01-01"] })));
    await expect(line.connection.request(toolCall("t"), new RecordedCall())).rejects.toThrow(
      "The upstream `files` no longer serves the revision 2026-07-28.",
    );
    await line.listener.until(() => line.listener.closed !== undefined);
    expect(line.listener.closed?.code).toBe("upstream_failed");
  });
});

describe("a stream of changes", () => {
  const capabilities = { tools: { listChanged: true }, resources: { subscribe: true, listChanged: false } };

  function acknowledge(turn: HandWrittenTurn): void {
    turn.stream(event(tagged("notifications/subscriptions/acknowledged", turn)));
  }

  function tagged(method: string, turn: HandWrittenTurn, params: JsonObject = {}): JsonObject {
    const meta = { "io.modelcontextprotocol/subscriptionId": turn.message["id"] ?? null };
    return { jsonrpc: "2.0", method, params: { ...params, _meta: meta } };
  }

  function filterOf(turn: HandWrittenTurn | undefined): unknown {
    return (turn?.message["params"] as JsonObject | undefined)?.["notifications"]; // the gateway's
  }

  it("asks for what the server can tell, and is exchanged without a gap when wishes change", async () => {
    const closed: unknown[] = [];
    const line = await connectWith((turn) => {
      if (turn.method !== "subscriptions/listen") return false;
      turn.response.on("close", () => closed.push(filterOf(turn)));
      acknowledge(turn);
      return true;
    }, capabilities);
    await line.connection.watch(new Set());
    const [first] = await line.server.heard("subscriptions/listen");
    expect(filterOf(first)).toEqual({ toolsListChanged: true });
    expect(first?.headers).toMatchObject({ "mcp-method": "subscriptions/listen" });
    const both = [line.connection.watch(new Set(["b:"])), line.connection.watch(new Set(["a:", "b:"]))];
    const [, second] = await line.server.heard("subscriptions/listen", 2);
    expect(filterOf(second)).toEqual({ toolsListChanged: true, resourceSubscriptions: ["a:", "b:"] });
    await Promise.all(both);
    if (second !== undefined) second.stream(event(tagged("notifications/resources/updated", second, { uri: "a:" })));
    await line.listener.until(() => line.listener.heard.length === 1);
    expect(line.listener.heard).toEqual([{ method: "notifications/resources/updated", params: { uri: "a:" } }]);
    if (first?.response.closed === false) await once(first.response, "close");
    expect(closed).toEqual([{ toolsListChanged: true }]);
    await line.connection.watch(new Set(["a:", "b:"]));
    expect(line.server.turns.filter(({ method }) => method === "subscriptions/listen")).toHaveLength(2);
  });

  it("is opened again when it breaks, and what may have been missed is told", async () => {
    let opened = 0;
    const line = await connectWith((turn) => {
      if (turn.method !== "subscriptions/listen") return false;
      acknowledge(turn);
      if (++opened === 1) turn.end(200);
      return true;
    }, capabilities);
    await line.connection.watch(new Set(["a:"]));
    await line.listener.until(() => line.listener.heard.length === 2);
    expect(line.listener.heard).toEqual([
      { method: "notifications/tools/list_changed", params: {} },
      { method: "notifications/resources/updated", params: { uri: "a:" } },
    ]);
    expect(opened).toBe(2);
  });

  it("is not asked for again when the server has none, nor when it can tell nothing", async () => {
    const refusing = await connectWith((turn) => {
      if (turn.method === "subscriptions/listen") turn.error(404, -32_601);
      else return false;
      return true;
    }, capabilities);
    await refusing.connection.watch(new Set());
    await refusing.connection.ping(performance.now() + 1_000);
    expect(refusing.server.turns.filter(({ method }) => method === "subscriptions/listen")).toHaveLength(1);

    const silent = await connectWith(() => false);
    await silent.connection.watch(new Set(["a:"]));
    expect(silent.server.turns.map(({ method }) => method)).toEqual(["server/discover"]);
  });

  it("is closed when the server has said its last and leaves it open", async () => {
    const line = await connectWith((turn) => {
      if (turn.method !== "subscriptions/listen") return false;
      acknowledge(turn);
      turn.stream(event({ jsonrpc: "2.0", id: turn.message["id"] ?? null, result: {} }));
      return true;
    }, capabilities);
    await line.connection.watch(new Set());
    const [first] = await line.server.heard("subscriptions/listen", 2);
    if (first?.response.closed === false) await once(first.response, "close");
    expect(first?.response.writableEnded).toBe(false);
  });

  it("is not waited for without end when the server never acknowledges it, however often it is wished for", async () => {
    let skippedMs = 0;
    const clock: Clock = { ...hastyClock, now: () => performance.now() + skippedMs };
    const line = await connectWith((turn) => turn.method === "subscriptions/listen", capabilities, clock);
    const watching = line.connection.watch(new Set());
    await line.server.heard("subscriptions/listen");
    skippedMs = 10_000;
    await watching;
    await line.connection.watch(new Set());
    expect(line.server.turns.filter(({ method }) => method === "subscriptions/listen")).toHaveLength(1);
  });

  it("is no call: the connection counts as quiet", async () => {
    const line = await connectWith((turn) => {
      if (turn.method !== "subscriptions/listen") return false;
      acknowledge(turn);
      return true;
    }, capabilities);
    await line.connection.watch(new Set());
    expect(line.connection.inFlight).toBe(0);
  });
});
