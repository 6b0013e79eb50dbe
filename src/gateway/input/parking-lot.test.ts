import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { anonymous } from "../../core/principal.ts";
import { rank } from "../../protocol/revisions.ts";
import { compileForTest } from "../../../test/fixtures/compiled-servers.ts";
import { Exchange } from "../exchange.ts";
import { RouteTable } from "../route-table.ts";
import { Snapshot } from "../snapshot.ts";
import { ParkingLot } from "./parking-lot.ts";
import { RequestStates } from "./request-state.ts";

const question = { method: "elicitation/create", params: { message: "?", requestedSchema: { type: "object" } } };
const inputTimeoutMs = 5_000;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function openCall(lot: ParkingLot): { readonly exchange: Exchange; readonly replies: string[] } {
  const { server } = compileForTest({});
  const [route] = server.routes;
  if (route === undefined) throw new Error("no route");
  const replies: string[] = [];
  const exchange = new Exchange({
    message: { kind: "request", id: 1, method: "tools/call", params: { name: "ask" } },
    snapshot: new Snapshot("", new Map([[server.key, server]]), new RouteTable()),
    server,
    route,
    rank: rank["2026-07-28"],
    principal: anonymous,
    headers: {},
    envelope: undefined,
    client: { info: undefined, capabilities: { elicitation: {} } },
    sessionId: undefined,
    inquirer: lot,
    sink: {
      acceptsMessages: true,
      acceptsStream: false,
      send: () => undefined,
      reply: (_, head, tail) => void replies.push(head + tail.toString()),
      stream: () => undefined,
      abandon: () => undefined,
    },
    logThreshold: Number.POSITIVE_INFINITY,
    onFinished: () => undefined,
  });
  exchange.inputTimeoutMs = inputTimeoutMs;
  return { exchange, replies };
}

test("a call that has waited too long asks no more, though its server has not heard yet that it is over", async () => {
  const lot = new ParkingLot(new RequestStates(Buffer.alloc(32, 1), Date.now));
  const { exchange, replies } = openCall(lot);
  const first = exchange.requestInput(question);
  vi.advanceTimersByTime(100);
  expect(replies).toEqual([expect.stringContaining("input_required")]);
  expect(lot.size).toBe(1);
  vi.advanceTimersByTime(inputTimeoutMs);
  expect(await first).toEqual({ kind: "result", result: { action: "cancel" } });
  const late = exchange.requestInput(question);
  expect(lot.size).toBe(0);
  await expect(late).rejects.toMatchObject({ code: "cancelled" });
});
