import { performance } from "node:perf_hooks";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isJsonObject, type JsonObject } from "../../../core/json.ts";
import type { InputResponse } from "../../../core/mcp-call.ts";
import type { Principal } from "../../../core/principal.ts";
import { channelReach, type FarEnd, legacyHandshake } from "../../../../test/fixtures/channel-fixture.ts";
import {
  connectTo,
  type OpenedConnection,
  plainRequest,
  toolCall,
} from "../../../../test/fixtures/mcp-connection-fixture.ts";
import { RecordedCall, type RecordedCallOptions } from "../../../../test/fixtures/recorded-call.ts";

interface Line extends OpenedConnection {
  readonly far: FarEnd;
}

/** A connection in the legacy era with a server that the test plays. */
async function legacyLine(capabilities: JsonObject = {}, config: { maxConcurrency?: number } = {}): Promise<Line> {
  const { reach, ends } = channelReach(legacyHandshake(capabilities));
  const opened = await connectTo({ reach, config: { era: "legacy", ...config } });
  const far = ends[0];
  if (far === undefined) throw new Error("the channel was not opened");
  return { ...opened, far };
}

interface Running {
  readonly call: RecordedCall;
  readonly id: number;
  readonly reply: Promise<unknown>;
}

/** A call that the server has received and not answered. */
async function running(line: Line, options: RecordedCallOptions = {}): Promise<Running> {
  const call = new RecordedCall(options);
  const count = line.far.received.filter(({ method }) => method === "tools/call").length + 1;
  const reply = line.connection.request(toolCall("t"), call);
  reply.catch(() => undefined); // not every test waits for the end
  const received = (await line.far.heard("tools/call", count)).at(-1);
  return { call, id: Number(received?.["id"]), reply };
}

function answer(line: Line, { id }: Running): void {
  line.far.send({ jsonrpc: "2.0", id, result: { content: [] } });
}

const oneKey: Principal = { kind: "key", id: "k1", name: "one", tenant: "*" };
const otherKey: Principal = { kind: "key", id: "k2", name: "other", tenant: "*" };
const accepted: InputResponse = { kind: "result", result: { action: "accept" } };

function question(id: string | number, method = "elicitation/create"): JsonObject {
  return { jsonrpc: "2.0", id, method, params: { message: "?" } };
}

describe("the handshake over a channel", () => {
  it("offers the configured revision and everything that its clients can do", async () => {
    for (const [protocolVersion, capabilities] of [
      ["2024-11-05", { roots: {}, sampling: {} }],
      ["2025-06-18", { roots: {}, sampling: {}, elicitation: {} }],
      ["2025-11-25", { roots: {}, sampling: { context: {}, tools: {} }, elicitation: { form: {}, url: {} } }],
    ] as const) {
      const { reach, ends } = channelReach(legacyHandshake());
      const { connection } = await connectTo({ reach, config: { era: "legacy", protocolVersion } });
      expect(ends[0]?.received.map(({ method }) => method)).toEqual(["initialize", "notifications/initialized"]);
      expect(ends[0]?.received[0]?.["params"]).toEqual({
        protocolVersion,
        capabilities,
        clientInfo: { name: "passerelle", version: "0.0.0" },
      });
      await connection.close();
    }
  });

  it("takes an older revision than it offered, and none that it does not know", async () => {
    const older = channelReach(legacyHandshake({}, "2024-11-05"));
    const { connection } = await connectTo({ reach: older.reach, config: { era: "legacy" } });
    expect(connection.server).toMatchObject({ protocolVersion: "2024-11-05", rank: 0 });

    const unknown = channelReach(legacyHandshake({}, "1999-01-01"));
    await expect(connectTo({ reach: unknown.reach, config: { era: "legacy" } })).rejects.toThrow(
      'The upstream `files` answered `initialize` with the protocol version "1999-01-01", which is not known; 2025-11-25 was offered (`upstreams.files.protocolVersion`).',
    );
    expect(unknown.ends[0]?.isClosed).toBe(true);
  });
});

describe("a request over a channel", () => {
  it("carries what the client sent, under an id and a progress token of the connection's own", async () => {
    const line = await legacyLine();
    const call = new RecordedCall({ sessionId: "s" });
    const meta = { "com.example/trace": 12345678901234567890n };
    const reply = line.connection.request(toolCall("t", { a: 1 }, { meta }), call);
    const [received] = await line.far.heard("tools/call");
    const id = received?.["id"];
    expect(received).toEqual({
      jsonrpc: "2.0",
      id,
      method: "tools/call",
      params: { name: "t", arguments: { a: 1 }, _meta: { ...meta, progressToken: id } },
    });
    line.far.send(`{"result":{"n":12345678901234567890},"jsonrpc":"2.0","id":${Number(id)}}`);
    expect(await reply).toMatchObject({ kind: "result", text: '{"n":12345678901234567890}', rank: 3 });
  });

  it("describes a client without a session, which the handshake could not", async () => {
    const line = await legacyLine();
    const { call, reply } = await running(line);
    const [received] = await line.far.heard("tools/call");
    const { params } = received ?? {};
    expect(isJsonObject(params) ? params["_meta"] : undefined).toMatchObject({
      "io.modelcontextprotocol/clientCapabilities": call.client.capabilities,
      "io.modelcontextprotocol/clientInfo": call.client.info,
    });
    expect(JSON.stringify(params)).not.toContain("protocolVersion");
    call.abort?.();
    await expect(reply).rejects.toMatchObject({ code: "cancelled" });
  });

  it("gives every request an id that was never used before, and takes no answer twice", async () => {
    const line = await legacyLine();
    const ids = new Set<number>();
    for (let round = 0; round < 50; round++) {
      const calls = [await running(line), await running(line), await running(line)];
      for (const { id } of calls) ids.add(id);
      for (const call of calls.toReversed()) answer(line, call);
      await Promise.all(calls.map(({ reply }) => reply));
      for (const call of calls) answer(line, call);
    }
    expect(ids.size).toBe(150);
    expect(line.connection.inFlight).toBe(0);
  });

  it("survives whatever the server writes, and hands calls nothing of it", async () => {
    const line = await legacyLine();
    const { call, id, reply } = await running(line, { sessionId: "s" });
    const garbage = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record(
          {
            jsonrpc: fc.constant("2.0"),
            id: fc.jsonValue(),
            method: fc.jsonValue(),
            params: fc.jsonValue(),
            error: fc.jsonValue(),
          },
          { requiredKeys: [] },
        )
        .map((message) => JSON.stringify(message)),
    );
    fc.assert(
      fc.property(garbage, (text) => line.far.send(text)),
      { numRuns: 500 },
    );
    expect(call.updates).toEqual([]);
    line.far.send({ jsonrpc: "2.0", id: String(id), result: {} }); // the type of an id counts
    line.far.send({ jsonrpc: "2.0", id, result: { ok: true } });
    expect(await reply).toMatchObject({ value: { ok: true } });
  });

  it("reads batches of a server of 2025-03-26", async () => {
    const line = await legacyLine();
    const one = await running(line);
    const other = await running(line);
    line.far.send(
      JSON.stringify([one, other].map(({ id }) => ({ jsonrpc: "2.0", id, result: { content: [], of: id } }))),
    );
    expect(await Promise.all([one.reply, other.reply])).toMatchObject([
      { value: { of: one.id } },
      { value: { of: other.id } },
    ]);
  });

  it("passes progress on with all of its members but the token", async () => {
    const line = await legacyLine();
    const { call, id, reply } = await running(line);
    const params = { progressToken: id, progress: 1, total: 2, message: "m", "com.example/x": { a: 1 } };
    line.far.send({ jsonrpc: "2.0", method: "notifications/progress", params });
    line.far.send({ jsonrpc: "2.0", method: "notifications/progress", params: { ...params, progressToken: id + 1 } });
    line.far.send({ jsonrpc: "2.0", method: "notifications/progress", params: { progressToken: id, progress: "1" } });
    expect(call.updates).toEqual([{ progress: 1, total: 2, message: "m", "com.example/x": { a: 1 } }]);
    line.far.end();
    await expect(reply).rejects.toThrow("It ended.");
  });

  it("is refused when there are too many, or when the server does not read", async () => {
    const line = await legacyLine({}, { maxConcurrency: 1 });
    const call = await running(line);
    await expect(line.connection.request(toolCall("t"), new RecordedCall())).rejects.toMatchObject({
      code: "overloaded",
      message:
        "The upstream `files` works on 1 calls at once already (`upstreams.files.maxConcurrency`). Try again later.",
    });
    answer(line, call);
    await call.reply;
    line.far.pendingBytes = 5_000_000;
    await expect(line.connection.request(toolCall("t"), new RecordedCall())).rejects.toMatchObject({
      code: "overloaded",
    });
    expect(line.connection.inFlight).toBe(0);
  });

  it("fails at once when the server ends, and so do later ones", async () => {
    const line = await legacyLine();
    const { reply, call } = await running(line);
    line.far.end("The upstream `files` exited with code 1.");
    await expect(reply).rejects.toMatchObject({
      code: "upstream_failed",
      message: "The upstream `files` exited with code 1.",
    });
    expect(call.abort).toBeUndefined();
    expect(line.listener.closed?.message).toBe("The upstream `files` exited with code 1.");
    await expect(line.connection.request(toolCall("t"), new RecordedCall())).rejects.toThrow("exited with code 1");
    await expect(line.connection.ping(performance.now() + 1_000)).rejects.toThrow("exited with code 1");
  });

  it("is cancelled when the connection is closed, which nobody is told as a failure", async () => {
    const line = await legacyLine();
    const { reply } = await running(line);
    await line.connection.close();
    await line.connection.close();
    await expect(reply).rejects.toMatchObject({ code: "cancelled" });
    line.far.end();
    expect(line.listener.closed).toBeUndefined();
  });
});

describe("a question of the server over a channel", () => {
  it("goes to the only call under way, and its answer back under the server's id", async () => {
    const line = await legacyLine();
    const run = await running(line, { answer: () => Promise.resolve(accepted) });
    for (const id of ["q", 7, 0]) {
      line.far.send(question(id));
      expect(await line.far.answerTo(id)).toEqual({ jsonrpc: "2.0", id, result: { action: "accept" } });
    }
    expect(run.call.asked[0]).toEqual({ method: "elicitation/create", params: { message: "?" } });
    answer(line, run);
    await run.reply;
  });

  it("tells the server what kept the client from answering", async () => {
    const line = await legacyLine();
    const data = { requiredCapabilities: { elicitation: {} } };
    await running(line, {
      answer: () => Promise.resolve({ kind: "error", code: -32_021, message: "cannot be asked", data }),
    });
    line.far.send(question(1));
    expect(await line.far.answerTo(1)).toMatchObject({ error: { code: -32_021, message: "cannot be asked", data } });
    await line.connection.close();
  });

  it.each<[string, readonly RecordedCallOptions[], number | undefined]>([
    ["the newest call of one session", [{ sessionId: "s" }, { sessionId: "s" }], 1],
    ["the newest call of one principal", [{ principal: oneKey }, { principal: oneKey, sessionId: "s" }], 1],
    ["nobody when several sessions are under way", [{ sessionId: "s" }, { sessionId: "t" }], undefined],
    ["nobody when several principals are under way", [{ principal: oneKey }, { principal: otherKey }], undefined],
    ["nobody when strangers are under way", [{}, {}], undefined],
    ["nobody when no call is under way", [], undefined],
  ])("goes to %s", async (_, calls, owner) => {
    const line = await legacyLine();
    const runs: Running[] = [];
    for (const options of calls) {
      runs.push(await running(line, { ...options, logLevel: "debug", answer: () => Promise.resolve(accepted) }));
    }
    line.far.send(question(1));
    line.far.send(question(2, "roots/list"));
    line.far.send({ jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data: "secret" } });
    const reply = await line.far.answerTo(1);
    if (owner === undefined) {
      expect(reply).toMatchObject({ error: { code: -32_601 } });
      expect(await line.far.answerTo(2)).toMatchObject({ result: { roots: [] } });
    } else expect(reply).toMatchObject({ result: { action: "accept" } });
    for (const [index, { call }] of runs.entries()) {
      expect(call.asked).toHaveLength(index === owner ? 2 : 0);
      expect(call.logged).toHaveLength(index === owner ? 1 : 0);
    }
    expect(line.listener.heard).toHaveLength(calls.length === 0 ? 1 : 0);
    await line.connection.close();
  });

  it("stops the clock of its call until the client has answered", async () => {
    const line = await legacyLine();
    let give: (response: InputResponse) => void = () => undefined;
    const asked = new Promise<InputResponse>((resolve) => {
      give = resolve;
    });
    const asking = await running(line, { sessionId: "asking", answer: () => asked });
    line.far.send(question(1));
    await asking.call.until(() => asking.call.asked.length === 1);
    asking.call.deadlineAt = performance.now() - 1;
    // Another call with the same deadline shows when the deadlines have been looked at.
    await expect(line.connection.request(toolCall("t"), new RecordedCall({ timeoutMs: 0 }))).rejects.toMatchObject({
      code: "timed_out",
    });
    expect(line.connection.inFlight).toBe(1);
    give(accepted);
    await line.far.answerTo(1);
    await expect(asking.reply).rejects.toMatchObject({ code: "timed_out" });
  });

  it("is not answered when the server has taken it back", async () => {
    const line = await legacyLine();
    let give: (response: InputResponse) => void = () => undefined;
    const asked = new Promise<InputResponse>((resolve) => {
      give = resolve;
    });
    const { call } = await running(line, { answer: () => asked });
    line.far.send(question("back"));
    await call.until(() => call.asked.length === 1);
    line.far.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "back" } });
    give(accepted);
    await asked;
    line.far.send(question("next", "ping"));
    await line.far.answerTo("next");
    expect(line.far.received.some(({ id }) => id === "back")).toBe(false);
    await line.connection.close();
  });

  it("is refused by name when it is none of MCP", async () => {
    const line = await legacyLine();
    line.far.send(question(1, "vendor/secret"));
    expect(await line.far.answerTo(1)).toMatchObject({
      error: { code: -32_601, message: 'The method "vendor/secret" is not known.' },
    });
    line.far.send({ jsonrpc: "2.0", id: 2, method: "ping" });
    expect(await line.far.answerTo(2)).toEqual({ jsonrpc: "2.0", id: 2, result: {} });
  });
});

describe("notifications over a channel", () => {
  it("go to the listener when they are about the server, even during a call", async () => {
    const line = await legacyLine();
    const { call } = await running(line);
    line.far.send({ jsonrpc: "2.0", method: "notifications/tools/list_changed" });
    line.far.send({ jsonrpc: "2.0", method: "notifications/vendor", params: { a: 1 } });
    expect(line.listener.heard).toEqual([{ method: "notifications/tools/list_changed", params: {} }]);
    expect(call.notified).toEqual([{ method: "notifications/vendor", params: { a: 1 } }]);
    await line.connection.close();
  });

  it("make the server log once a client wants to see any of it, and only once", async () => {
    const line = await legacyLine({ logging: {} });
    await running(line);
    expect(line.far.received.some(({ method }) => method === "logging/setLevel")).toBe(false);
    await running(line, { logLevel: "error" });
    await running(line, { logLevel: "debug" });
    const levels = await line.far.heard("logging/setLevel");
    expect(levels).toMatchObject([{ params: { level: "debug" } }]);
    await line.connection.close();
  });

  it("subscribe to what is watched, one after the other, and unsubscribe again", async () => {
    const line = await legacyLine({ resources: { subscribe: true } });
    void line.connection.watch(new Set(["a:1"]));
    void line.connection.watch(new Set(["a:1", "a:2"]));
    const [first] = await line.far.heard("resources/subscribe");
    expect(line.far.received.filter(({ method }) => method === "resources/subscribe")).toHaveLength(1);
    line.far.send({ jsonrpc: "2.0", id: first?.["id"] ?? null, result: {} });
    const [, second] = await line.far.heard("resources/subscribe", 2);
    expect([first, second]).toMatchObject([{ params: { uri: "a:1" } }, { params: { uri: "a:2" } }]);
    void line.connection.watch(new Set(["a:2"]));
    line.far.send({ jsonrpc: "2.0", id: second?.["id"] ?? null, result: {} });
    expect(await line.far.heard("resources/unsubscribe")).toMatchObject([{ params: { uri: "a:1" } }]);
  });
});

describe("plain requests", () => {
  it("are written without parameters that are not there", async () => {
    const line = await legacyLine();
    void line.connection.requestOwn(plainRequest("tools/list"), performance.now() + 1_000).catch(() => undefined);
    const [received] = await line.far.heard("tools/list");
    expect(received?.["params"]).toEqual({});
    await line.connection.close();
  });
});
