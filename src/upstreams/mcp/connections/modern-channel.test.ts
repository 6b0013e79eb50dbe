import { describe, expect, it } from "vitest";
import { isJsonObject, type JsonObject } from "../../../core/json.ts";
import { channelReach, type FarEnd } from "../../../../test/fixtures/channel-fixture.ts";
import { discoverResult } from "../../../../test/fixtures/hand-written-server.ts";
import { connectTo, type OpenedConnection, toolCall } from "../../../../test/fixtures/mcp-connection-fixture.ts";
import { WatchCounter } from "../lifecycle/watch-counter.ts";
import { RecordedCall } from "../../../../test/fixtures/recorded-call.ts";
import { withinMs } from "../../../../test/fixtures/time-limit.ts";

interface Line extends OpenedConnection {
  readonly far: FarEnd;
}

const capabilities = { tools: { listChanged: true }, resources: { subscribe: true } };

/** A connection in the modern era with a server that the test plays. */
async function modernLine(play: (message: JsonObject, end: FarEnd) => void = () => undefined): Promise<Line> {
  const { reach, ends } = channelReach((message, end) => {
    if (message["method"] !== "server/discover") play(message, end);
    else end.send({ jsonrpc: "2.0", id: message["id"] ?? null, result: discoverResult(capabilities) });
  });
  const opened = await connectTo({ reach });
  const far = ends[0];
  if (far === undefined) throw new Error("the channel was not opened");
  return { ...opened, far };
}

function tagged(method: string, id: unknown, params: JsonObject = {}): JsonObject {
  const meta = { "io.modelcontextprotocol/subscriptionId": Number(id) };
  return { jsonrpc: "2.0", method, params: { ...params, _meta: meta } };
}

function acknowledge({ method, id }: JsonObject, end: FarEnd): void {
  if (method === "subscriptions/listen") end.send(tagged("notifications/subscriptions/acknowledged", id));
}

describe("a server of 2026-07-28 over a channel", () => {
  it("gets the envelope with each request, and is told of cancellations", async () => {
    const line = await modernLine();
    const call = new RecordedCall();
    const reply = line.connection.request(toolCall("t"), call);
    const [received] = await line.far.heard("tools/call");
    const params = received?.["params"];
    expect(isJsonObject(params) ? params["_meta"] : undefined).toEqual({
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": call.client.info,
      "io.modelcontextprotocol/clientCapabilities": call.client.capabilities,
      progressToken: received?.["id"],
    });
    call.abort?.();
    await expect(reply).rejects.toMatchObject({ code: "cancelled" });
    expect(await line.far.heard("notifications/cancelled")).toMatchObject([
      { params: { requestId: received?.["id"] } },
    ]);
  });

  it("may not ask anything", async () => {
    const line = await modernLine();
    const call = new RecordedCall();
    const reply = line.connection.request(toolCall("t"), call);
    const [received] = await line.far.heard("tools/call");
    line.far.send({ jsonrpc: "2.0", id: "q", method: "elicitation/create", params: {} });
    line.far.send({ jsonrpc: "2.0", id: received?.["id"] ?? null, result: { content: [] } });
    await reply;
    expect(call.asked).toEqual([]);
    expect(line.far.received.some(({ id }) => id === "q")).toBe(false);
  });

  it("exchanges the stream of changes when wishes change, and hears nothing of the old one after it", async () => {
    const line = await modernLine(acknowledge);
    await line.connection.watch(new Set());
    await line.connection.watch(new Set(["a:"]));
    const [first, second] = await line.far.heard("subscriptions/listen", 2);
    expect(await line.far.heard("notifications/cancelled")).toMatchObject([{ params: { requestId: first?.["id"] } }]);
    line.far.send(tagged("notifications/tools/list_changed", first?.["id"]));
    line.far.send(tagged("notifications/resources/updated", second?.["id"], { uri: "a:" }));
    expect(line.listener.heard).toEqual([{ method: "notifications/resources/updated", params: { uri: "a:" } }]);
    expect(line.connection.inFlight).toBe(0);
  });

  it("is told thousands of wishes at once, at a cost in proportion to their number", async () => {
    const line = await modernLine(acknowledge);
    const counter = new WatchCounter((uris) => void line.connection.watch(uris));
    const begunAt = performance.now();
    for (let index = 0; index < 10_000; index++) counter.add(`file:///${index}`);
    expect(performance.now() - begunAt).toBeLessThan(withinMs(2_000)); // 11 s when each wish looks at all of them
    const [listen] = await line.far.heard("subscriptions/listen");
    expect(JSON.stringify(listen)).toContain('"file:///9999"]');
  });

  it("tells changes as well when the id of the stream comes back as text", async () => {
    const line = await modernLine((message, end) => {
      if (message["method"] !== "subscriptions/listen") return;
      const meta = { "io.modelcontextprotocol/subscriptionId": JSON.stringify(message["id"]), "com.example/a": 1 };
      for (const method of ["notifications/subscriptions/acknowledged", "notifications/tools/list_changed"]) {
        end.send({ jsonrpc: "2.0", method, params: { _meta: meta } });
      }
    });
    await line.connection.watch(new Set());
    expect(line.listener.heard).toEqual([
      { method: "notifications/tools/list_changed", params: { _meta: { "com.example/a": 1 } } },
    ]);
  });

  it("ends: those who wait for a stream of changes do not wait for ever", async () => {
    const line = await modernLine((message, end) => {
      if (message["method"] === "subscriptions/listen") end.end();
    });
    await line.connection.watch(new Set());
    expect(line.listener.closed?.message).toBe("It ended.");
    await line.connection.close();
  });
});
