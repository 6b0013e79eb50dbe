import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "../../../core/errors.ts";
import { silentLog } from "../../../../test/fixtures/mcp-connection-fixture.ts";
import { Deadlines } from "../../http/deadlines.ts";
import { systemClock } from "../lifecycle/clock.ts";
import { CallsUnderWay } from "./calls-under-way.ts";
import { type CallLine, PendingCall } from "./pending-call.ts";

function table(): { readonly calls: CallsUnderWay; readonly begin: () => PendingCall } {
  const calls = new CallsUnderWay({
    label: "The upstream `files`",
    key: "upstreams.files",
    log: silentLog,
    clock: systemClock,
    deadlines: new Deadlines(() => 0),
    maxConcurrency: 10_000,
    offeredVersion: "2025-11-25",
    clientInfo: {},
  });
  const line: CallLine = {
    label: "",
    key: "",
    settled: (call) => calls.delete(call),
    abandoned: () => undefined,
  };
  const settle = { resolve: () => undefined, reject: () => undefined };
  return {
    calls,
    begin: () => {
      const call = new PendingCall(line, undefined, Number.POSITIVE_INFINITY, settle);
      calls.add(call);
      return call;
    },
  };
}

describe("CallsUnderWay", () => {
  it("finds exactly the calls that are under way, whatever the order in which they begin and end", () => {
    // Each step begins a call (0) or ends one of those under way.
    const steps = fc.array(fc.nat({ max: 6 }), { maxLength: 400 });
    fc.assert(
      fc.property(steps, (sequence) => {
        const { calls, begin } = table();
        const running: PendingCall[] = [];
        const over: PendingCall[] = [];
        for (const step of sequence) {
          const ending = step < 3 ? undefined : running.splice((step * 7) % Math.max(running.length, 1), 1)[0];
          if (ending === undefined) running.push(begin());
          else {
            ending.fail(new AppError("cancelled", ""));
            over.push(ending);
          }
          expect(calls.size).toBe(running.length);
          for (const call of running) expect(calls.get(call.id)).toBe(call);
          for (const call of over) expect(calls.get(call.id)).toBeUndefined();
        }
        const ids = [...running, ...over].map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 100 },
    );
  });

  it("keeps thousands of calls apart, and forgets them all at once", () => {
    const { calls, begin } = table();
    const many = Array.from({ length: 5_000 }, begin);
    for (const call of many) expect(calls.get(call.id)).toBe(call);
    calls.failAll(new AppError("upstream_failed", ""));
    expect(calls.size).toBe(0);
    expect(many.every(({ isOver }) => isOver)).toBe(true);
  });

  it("finds nothing under what is no id", () => {
    const { calls, begin } = table();
    begin();
    for (const id of [undefined, 0, -1, 1.5, Number.NaN, 2 ** 53, "1", 1n]) expect(calls.get(id)).toBeUndefined();
  });
});
