import { once } from "node:events";
import { performance } from "node:perf_hooks";
import { afterEach, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../core/json.ts";
import type { Clock } from "../lifecycle/clock.ts";
import {
  type HandWrittenServer,
  type HandWrittenTurn,
  initializeResult,
  startHandWritten,
} from "../../../../test/fixtures/hand-written-server.ts";
import {
  connectTo,
  type OpenedConnection,
  plainRequest,
  toolCall,
} from "../../../../test/fixtures/mcp-connection-fixture.ts";
import { noIdentity, openLocalMcpHttp } from "../../../../test/fixtures/mcp-http-fixture.ts";
import { RecordedCall } from "../../../../test/fixtures/recorded-call.ts";

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** Waits take no time, but are written down. */
function hastyClock(waits: number[] = []): Clock {
  return {
    now: () => performance.now(),
    after: (delayMs, run) => {
      waits.push(delayMs);
      const immediate = setImmediate(run);
      return () => clearImmediate(immediate);
    },
    random: () => 0,
  };
}

interface Line extends OpenedConnection {
  readonly server: HandWrittenServer;
}

interface ServerOptions {
  readonly sessionId?: string;
  readonly protocolVersion?: string;
  readonly capabilities?: JsonObject;
  readonly clock?: Clock;
  /** Sockets for calls. */
  readonly connections?: number;
}

/** A connection in the legacy era with a server that makes a handshake; the rest is the test's. */
async function connectWith(play: (turn: HandWrittenTurn) => boolean, options: ServerOptions = {}): Promise<Line> {
  const { sessionId = "session-1", protocolVersion, capabilities, clock, connections = 64 } = options;
  const server = await startHandWritten((turn) => {
    if (turn.method !== "initialize") return play(turn);
    turn.result(
      initializeResult(capabilities, protocolVersion),
      sessionId === "" ? {} : { "mcp-session-id": sessionId },
    );
    return true;
  });
  closers.push(() => server.close());
  const opened = await connectTo({
    reach: { kind: "http", client: openLocalMcpHttp([server.url], { connections }), identity: noIdentity },
    config: { era: "legacy", transport: "streamable-http" },
    ...(clock === undefined ? {} : { clock }),
  });
  closers.push(() => opened.connection.close());
  return { ...opened, server };
}

/** Answers calls of tools with `answer`, and leaves the rest to the fixture. */
function onCall(answer: (turn: HandWrittenTurn) => void): (turn: HandWrittenTurn) => boolean {
  return (turn) => {
    if (turn.method !== "tools/call") return false;
    answer(turn);
    return true;
  };
}

function call({ connection }: OpenedConnection): Promise<unknown> {
  return connection.request(toolCall("t"), new RecordedCall());
}

function resultEvent(turn: HandWrittenTurn, result: JsonObject): string {
  return `data: ${JSON.stringify({ jsonrpc: "2.0", id: turn.message["id"], result })}\n\n`;
}

describe("a session over Streamable HTTP", () => {
  it("is named in every request after the handshake, and its revision too", async () => {
    const line = await connectWith(onCall((turn) => turn.result({ content: [] })));
    await call(line);
    await line.server.heard("GET");
    const [initialize, ...others] = line.server.turns;
    expect(initialize?.headers).not.toHaveProperty("mcp-session-id");
    expect(initialize?.headers).not.toHaveProperty("mcp-protocol-version");
    expect(others.map(({ method }) => method).sort()).toEqual(["GET", "notifications/initialized", "tools/call"]);
    for (const { headers } of others) {
      expect(headers).toMatchObject({ "mcp-session-id": "session-1", "mcp-protocol-version": "2025-11-25" });
    }
    await line.connection.close();
    const [end] = await line.server.heard("DELETE");
    expect(end?.headers).toMatchObject({ "mcp-session-id": "session-1" });
  });

  it("has no header for a revision from before there was one, and none for a session that is not kept", async () => {
    const line = await connectWith(
      onCall((turn) => turn.result({ content: [] })),
      { sessionId: "", protocolVersion: "2025-03-26" },
    );
    await call(line);
    const [turn] = await line.server.heard("tools/call");
    expect(turn?.headers).not.toHaveProperty("mcp-session-id");
    expect(turn?.headers).not.toHaveProperty("mcp-protocol-version");
    await line.connection.close();
    expect(line.server.turns.some(({ method }) => method === "DELETE")).toBe(false);
  });

  it("leaves nothing under way when the server takes no messages any more", async () => {
    let skippedMs = 0;
    const clock: Clock = { ...hastyClock(), now: () => performance.now() + skippedMs };
    const held = ["tools/call", "notifications/cancelled", "DELETE"];
    const line = await connectWith(({ method }) => held.includes(method), { clock });
    const cancelled = new RecordedCall();
    const reply = line.connection.request(toolCall("t"), cancelled);
    await line.server.heard("tools/call");
    cancelled.abort?.();
    await expect(reply).rejects.toMatchObject({ code: "cancelled" });
    const [message] = await line.server.heard("notifications/cancelled");
    const cut = message === undefined ? undefined : once(message.response, "close");
    const closed = line.connection.close();
    await line.server.heard("DELETE");
    skippedMs = 2_000;
    await closed;
    await cut;
  });

  it("is refused when its name is none", async () => {
    await expect(connectWith(() => false, { sessionId: "a b" })).rejects.toThrow(
      "The upstream `files` sent a session id that is none.",
    );
  });

  it.each([
    ["404 without a word", (turn: HandWrittenTurn) => turn.end(404)],
    ["404 with a message", (turn: HandWrittenTurn) => turn.error(404, -32_001)],
    [
      "400 of a server that was restarted",
      (turn: HandWrittenTurn) =>
        turn.end(400, '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"x"}}', "application/json"),
    ],
  ])("is lost with %s", async (_, answer) => {
    const line = await connectWith(onCall(answer));
    await expect(call(line)).rejects.toMatchObject({ code: "session_not_found" });
  });

  it("cannot be lost when there is none", async () => {
    const line = await connectWith(
      onCall((turn) => turn.end(404)),
      { sessionId: "" },
    );
    await expect(call(line)).rejects.toMatchObject({ code: "upstream_failed" });
  });
});

describe("a ping over Streamable HTTP", () => {
  const pings = (status: number) => (turn: HandWrittenTurn) => {
    if (turn.method !== "ping") return false;
    turn.end(status);
    return true;
  };

  it.each([401, 403, 429])(
    "is answered by HTTP %i as well: a new session would get no other answer",
    async (status) => {
      const line = await connectWith(pings(status));
      await expect(line.connection.ping(performance.now() + 5_000)).resolves.toBeUndefined();
    },
  );

  it("is repeated when its socket broke, and stands behind no call then either", async () => {
    let pinged = 0;
    const line = await connectWith(
      (turn) => {
        if (turn.method === "ping" && ++pinged === 1) turn.request.socket.destroy();
        else if (turn.method === "ping") turn.result({});
        else return turn.method === "tools/call";
        return true;
      },
      { connections: 1 },
    );
    const under = call(line).catch((error: unknown) => error);
    await line.server.heard("tools/call");
    await line.connection.ping(performance.now() + 2_000);
    expect(pinged).toBe(2);
    await line.connection.close();
    await under;
  });

  it.each([404, 502, 503])("is not answered by HTTP %i", async (status) => {
    const line = await connectWith(pings(status));
    await expect(line.connection.ping(performance.now() + 5_000)).rejects.toBeInstanceOf(Error);
  });
});

describe("an answer over Streamable HTTP", () => {
  it.each<[string, (turn: HandWrittenTurn) => void, string]>([
    ["is HTML", (turn) => turn.end(200, "<p>hi</p>", "text/html"), "ended its answer (HTTP 200) without a response"],
    ["is no JSON", (turn) => turn.end(200, "{", "application/json"), "the message is not valid JSON"],
    ["is empty", (turn) => turn.end(202), "ended its answer (HTTP 202) without a response"],
    [
      "answers another request",
      (turn) => turn.end(200, '{"jsonrpc":"2.0","id":"x","result":{}}', "application/json"),
      "the message answers another request",
    ],
    [
      "has no result",
      (turn) => turn.end(200, '{"jsonrpc":"2.0","id":1}', "application/json"),
      "is neither a request nor a response",
    ],
    [
      "is a stream without a response",
      (turn) => {
        turn.stream('data: {"jsonrpc":"2.0","method":"m"}\n\n');
        turn.end(200);
      },
      "ended its answer (HTTP 200) without a response",
    ],
    ["is HTTP 500", (turn) => turn.end(500, "<p>oops</p>", "text/html"), "answered HTTP 500."],
    [
      "is a redirect",
      (turn) => turn.end(302),
      "answered with a redirect (HTTP 302), which is not followed. Set `upstreams.files.url`",
    ],
    [
      "is HTTP 401",
      (turn) => turn.error(401, -32_000),
      "refused the gateway's credentials (HTTP 401). Check `upstreams.files.headers`",
    ],
    ["is HTTP 403", (turn) => turn.end(403), "refused the gateway's credentials (HTTP 403)."],
  ])("that %s fails the call, and says so", async (_, answer, message) => {
    const line = await connectWith(onCall(answer));
    const failure = call(line);
    await expect(failure).rejects.toMatchObject({ code: "upstream_failed" });
    await expect(failure).rejects.toThrow(
      `The upstream \`files\` ${message.startsWith("the ") || message.startsWith("is ") ? "answered something that is no JSON-RPC response: " : ""}`,
    );
    await expect(failure).rejects.toThrow(message);
  });

  it("that is an error with a status of failure is that error", async () => {
    const line = await connectWith(onCall((turn) => turn.error(400, -32_602, "bad", { a: 1 })));
    expect(await call(line)).toEqual({ kind: "error", code: -32_602, message: "bad", data: { a: 1 }, rank: 3 });
  });

  it("is repeated when it broke off, for requests that do no harm twice", async () => {
    let lists = 0;
    const line = await connectWith((turn) => {
      if (turn.method === "tools/list" && ++lists === 1) turn.request.socket.destroy();
      else if (turn.method === "tools/list") turn.result({ tools: [] });
      else if (turn.method === "tools/call") turn.request.socket.destroy();
      else return false;
      return true;
    });
    const list = await line.connection.requestOwn(plainRequest("tools/list"), performance.now() + 5_000);
    expect(list).toMatchObject({ value: { tools: [] } });
    await expect(call(line)).rejects.toMatchObject({ code: "upstream_failed" });
    expect(line.server.turns.filter(({ method }) => method === "tools/call")).toHaveLength(1);
  });
});

describe("a stream that ends before the response", () => {
  const lastEventId = (turn: HandWrittenTurn): unknown => turn.headers["last-event-id"];

  it("is read on where it ended, after the time that the server asks for", async () => {
    const waits: number[] = [];
    let asked: HandWrittenTurn | undefined;
    const line = await connectWith(
      (turn) => {
        if (turn.method === "tools/call") {
          asked = turn;
          turn.stream("retry: 300\nid: e1\ndata:\n\n");
          turn.end(200);
        } else if (turn.method === "GET" && lastEventId(turn) === "e1") {
          turn.response.writeHead(200, { "content-type": "text/event-stream" });
          // Broken, not ended.
          turn.response.write("id: e2\ndata:\n\n", () => turn.request.socket.destroy());
        } else if (turn.method === "GET" && lastEventId(turn) === "e2") {
          turn.stream(asked === undefined ? "" : resultEvent(asked, { content: [], done: true }));
          turn.end(200);
        } else return false;
        return true;
      },
      { clock: hastyClock(waits) },
    );
    const reply = await line.connection.request(toolCall("t", {}, { isIdempotent: true }), new RecordedCall());
    expect(reply).toMatchObject({ kind: "result", value: { done: true } });
    expect(waits[0]).toBe(300);
    expect(line.server.turns.filter(({ method }) => method === "tools/call")).toHaveLength(1);
    const resumed = line.server.turns.filter((turn) => lastEventId(turn) !== undefined);
    expect(resumed.map(lastEventId)).toEqual(["e1", "e2"]);
    for (const { headers } of resumed) expect(headers).toMatchObject({ "mcp-session-id": "session-1" });
  });

  it("is not asked for in a busy loop when there is nothing new, whatever the server wants", async () => {
    const waits: number[] = [];
    let asked: HandWrittenTurn | undefined;
    const line = await connectWith(
      (turn) => {
        if (turn.method === "tools/call") {
          asked = turn;
          turn.stream("retry: 0\nid: e1\ndata:\n\n");
        } else if (lastEventId(turn) === "e1") {
          const isLast = waits.length === 4;
          turn.stream(isLast && asked !== undefined ? resultEvent(asked, { content: [] }) : ": nothing\n\n");
        } else return false;
        turn.end(200);
        return true;
      },
      { clock: hastyClock(waits) },
    );
    expect(await call(line)).toMatchObject({ kind: "result" });
    expect(waits).toEqual([20, 250, 250, 250]);
  });

  it("is read on after an id in any script, as the bytes that the server wrote", async () => {
    const ids: unknown[] = [];
    let asked: HandWrittenTurn | undefined;
    const line = await connectWith(
      (turn) => {
        if (turn.method === "tools/call") {
          asked = turn;
          turn.stream("id: größe-一\ndata:\n\n");
        } else if (lastEventId(turn) !== undefined) {
          ids.push(Buffer.from(String(lastEventId(turn)), "latin1").toString());
          turn.stream(asked === undefined ? "" : resultEvent(asked, { content: [] }));
        } else return false;
        turn.end(200);
        return true;
      },
      { clock: hastyClock() },
    );
    expect(await call(line)).toMatchObject({ kind: "result" });
    expect(ids).toEqual(["größe-一"]);
  });

  it.each([
    ["a control character", "a\u0001b"],
    ["thousands of characters", "x".repeat(2_000)],
  ])("is over when its last id holds %s, which no header can carry", async (_, id) => {
    const line = await connectWith(
      onCall((turn) => {
        turn.stream(`id: ${id}\ndata:\n\n`);
        turn.end(200);
      }),
      { clock: hastyClock() },
    );
    await expect(call(line)).rejects.toThrow("ended its answer (HTTP 200) without a response");
    expect(line.server.turns.filter((turn) => lastEventId(turn) !== undefined)).toEqual([]);
  });

  it.each([
    [405, "does not serve this at its address (HTTP 405)"],
    [404, "ended the session in the middle of the call"],
    [500, "answered HTTP 500"],
  ])("fails the call when it cannot be read on (HTTP %i)", async (status, message) => {
    const line = await connectWith(
      (turn) => {
        if (turn.method === "tools/call") {
          turn.stream("id: e1\ndata:\n\n");
          turn.end(200);
        } else if (turn.method === "GET" && lastEventId(turn) === "e1") turn.end(status);
        else return false;
        return true;
      },
      { clock: hastyClock() },
    );
    const failure = call(line);
    await expect(failure).rejects.toMatchObject({ code: "upstream_failed" });
    await expect(failure).rejects.toThrow(message);
  });

  it("is given up at the deadline of the call, while waiting too", async () => {
    const never: Clock = { now: () => performance.now(), after: () => () => undefined, random: () => 0 };
    const line = await connectWith(
      onCall((turn) => {
        turn.stream("id: e1\ndata:\n\n");
        turn.end(200);
      }),
      { clock: never },
    );
    const late = new RecordedCall({ timeoutMs: 50 });
    await expect(line.connection.request(toolCall("t"), late)).rejects.toMatchObject({ code: "timed_out" });
    const [cancelled] = await line.server.heard("notifications/cancelled");
    const [called] = await line.server.heard("tools/call");
    expect(cancelled?.message["params"]).toMatchObject({ requestId: called?.message["id"] });
  });
});

describe("the stream that belongs to no call", () => {
  const capabilities = { tools: { listChanged: true }, resources: { subscribe: true } };
  const changed = 'data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n';

  it("tells the listener what it hears, is opened again, and tells what may have been missed", async () => {
    let opened = 0;
    const line = await connectWith(
      (turn) => {
        if (turn.method !== "GET") return false;
        opened++;
        turn.stream(opened === 1 ? changed : ": nothing\n\n");
        if (opened === 1) turn.end(200);
        return true;
      },
      { capabilities, clock: hastyClock() },
    );
    await line.listener.until(() => line.listener.heard.length === 2);
    expect(line.listener.heard.map(({ method }) => method)).toEqual([
      "notifications/tools/list_changed",
      "notifications/tools/list_changed",
    ]);
    expect(opened).toBe(2);
  });

  it("is not asked for again when the server has none", async () => {
    for (const status of [404, 405, 400]) {
      const line = await connectWith(
        (turn) => {
          if (turn.method === "GET") turn.end(status);
          else if (turn.method === "tools/call") turn.result({ content: [] });
          else return false;
          return true;
        },
        { clock: hastyClock() },
      );
      await line.connection.watch(new Set());
      await call(line);
      await call(line);
      expect(line.server.turns.filter(({ method }) => method === "GET")).toHaveLength(1);
      expect(line.listener.closed).toBeUndefined();
    }
  });

  it("is asked for ever more rarely while the server fails, whatever its answers hold", async () => {
    const waits: number[] = [];
    const line = await connectWith(
      (turn) => {
        if (turn.method !== "GET") return false;
        turn.error(503, -32_000);
        return true;
      },
      { clock: hastyClock(waits) },
    );
    await line.server.heard("GET", 4);
    expect(waits.slice(0, 3)).toEqual([500, 1_000, 2_000]);
  });

  it("is asked for soon again when it was open for long, though nothing came on it", async () => {
    const waits: number[] = [];
    let skippedMs = 0;
    const clock: Clock = { ...hastyClock(waits), now: () => performance.now() + skippedMs };
    const line = await connectWith(
      (turn) => {
        if (turn.method !== "GET") return false;
        turn.stream(": open\n\n");
        return true;
      },
      { capabilities, clock },
    );
    for (let round = 1; round <= 3; round++) {
      const streams = await line.server.heard("GET", round);
      await line.connection.watch(new Set());
      // Each time that it is open again, it tells what may have been missed.
      await line.listener.until(() => line.listener.heard.length === round - 1);
      skippedMs += 30_000;
      streams.at(-1)?.response.end();
    }
    await line.server.heard("GET", 4);
    expect(waits).toEqual([500, 500, 500]);
  });

  it("is not waited for without end when the server says nothing", async () => {
    let skippedMs = 0;
    const clock: Clock = { ...hastyClock(), now: () => performance.now() + skippedMs };
    const line = await connectWith((turn) => turn.method === "GET", { clock });
    const watching = line.connection.watch(new Set());
    await line.server.heard("GET");
    skippedMs = 10_000;
    await watching;
    expect(line.server.turns.filter(({ method }) => method === "GET")).toHaveLength(1);
  });

  it("is answered as fast as the server takes answers: those that wait take no sockets", async () => {
    const held: HandWrittenTurn[] = [];
    let isHolding = true;
    const line = await connectWith((turn) => {
      if (turn.method === "GET") {
        for (let id = 1; id <= 100; id++) turn.stream(`data: {"jsonrpc":"2.0","id":"p${id}","method":"ping"}\n\n`);
      } else if (turn.method === "ping") turn.result({});
      else if (turn.method === "POST" && isHolding) held.push(turn);
      else return false;
      return true;
    });
    await line.server.heard("POST", 32);
    await line.connection.ping(performance.now() + 5_000);
    expect(held).toHaveLength(32);
    isHolding = false;
    for (const turn of held) turn.end(202);
    const answers = await line.server.heard("POST", 100);
    expect(new Set(answers.map(({ message }) => message["id"])).size).toBe(100);
  });

  it("tells that the session is lost", async () => {
    let opened = 0;
    const line = await connectWith(
      (turn) => {
        if (turn.method === "tools/call") turn.stream(": working\n\n");
        else if (turn.method === "GET" && ++opened === 1) turn.stream(": open\n\n");
        else if (turn.method === "GET") turn.end(404);
        else return false;
        return true;
      },
      { clock: hastyClock() },
    );
    const under = call(line);
    await line.server.heard("tools/call");
    const [stream] = await line.server.heard("GET");
    stream?.response.end();
    // It may have done something: unlike a later call, which can safely be repeated.
    await expect(under).rejects.toMatchObject({ code: "upstream_failed" });
    expect(line.listener.closed).toMatchObject({ code: "session_not_found" });
    await expect(call(line)).rejects.toMatchObject({ code: "session_not_found" });
  });

  it("carries questions and progress for the only call under way", async () => {
    const line = await connectWith((turn) => {
      if (turn.method === "GET") turn.stream(": open\n\n");
      else if (turn.method === "tools/call") turn.stream(": working\n\n");
      else return false;
      return true;
    });
    const asked = new RecordedCall({ answer: () => Promise.resolve({ kind: "result", result: { roots: [] } }) });
    const reply = line.connection.request(toolCall("t"), asked);
    const [called] = await line.server.heard("tools/call");
    const [stream] = await line.server.heard("GET");
    const id = called?.message["id"];
    for (const message of [
      { jsonrpc: "2.0", id: "q", method: "roots/list" },
      { jsonrpc: "2.0", method: "notifications/progress", params: { progressToken: id, progress: 1 } },
    ]) {
      stream?.stream(`data: ${JSON.stringify(message)}\n\n`);
    }
    await asked.until(() => asked.updates.length === 1);
    expect(asked.asked).toMatchObject([{ method: "roots/list" }]);
    const [answer] = await line.server.heard("POST");
    expect(answer?.message).toEqual({ jsonrpc: "2.0", id: "q", result: { roots: [] } });
    if (called !== undefined) called.stream(resultEvent(called, { content: [] }));
    expect(await reply).toMatchObject({ kind: "result" });
  });
});

describe("the log of a server over Streamable HTTP", () => {
  it("is opened before the first call that wants to see it", async () => {
    const line = await connectWith(
      (turn) => {
        if (turn.method === "logging/setLevel") turn.result({});
        else if (turn.method === "tools/call") turn.result({ content: [] });
        else return false;
        return true;
      },
      { capabilities: { logging: {} } },
    );
    await Promise.all([
      line.connection.request(toolCall("t"), new RecordedCall({ logLevel: "info" })),
      line.connection.request(toolCall("t"), new RecordedCall({ logLevel: "info" })),
    ]);
    const methods = line.server.turns.map(({ method }) => method).filter((method) => method !== "GET");
    expect(methods).toEqual([
      "initialize",
      "notifications/initialized",
      "logging/setLevel",
      "tools/call",
      "tools/call",
    ]);
  });

  it("is waited for until the deadline of the call, and no longer", async () => {
    const line = await connectWith((turn) => turn.method === "logging/setLevel", { capabilities: { logging: {} } });
    const late = new RecordedCall({ logLevel: "info", timeoutMs: 50 });
    await expect(line.connection.request(toolCall("t"), late)).rejects.toMatchObject({
      code: "timed_out",
      message: "The upstream `files` did not open its log within the time of the call.",
    });
    expect(line.server.turns.some(({ method }) => method === "tools/call")).toBe(false);
  });

  it("can be waited for and cancelled", async () => {
    const line = await connectWith((turn) => turn.method === "logging/setLevel", { capabilities: { logging: {} } });
    const waiting = new RecordedCall({ logLevel: "info" });
    const reply = line.connection.request(toolCall("t"), waiting);
    await line.server.heard("logging/setLevel");
    waiting.abort?.();
    await expect(reply).rejects.toMatchObject({ code: "cancelled" });
    expect(line.server.turns.some(({ method }) => method === "tools/call")).toBe(false);
  });
});
