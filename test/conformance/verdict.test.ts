import { describe, expect, it } from "vitest";
import { type Check, judge } from "./verdict.ts";

const ok: Check = { id: "ok", status: "SUCCESS" };
const bad: Check = { id: "bad", status: "FAILURE", errorMessage: "it broke" };
const none: ReadonlySet<string> = new Set();

describe("the verdict on a conformance run", () => {
  it("passes a scenario whose checks all succeed", () => {
    expect(judge([{ scenario: "ping", checks: [ok, ok] }], [], none)).toEqual([
      { scenario: "ping", passed: 2, failed: 0, kind: "pass", note: "" },
    ]);
  });

  it("fails a scenario with one failing check and says which", () => {
    expect(judge([{ scenario: "ping", checks: [ok, bad] }], [], none)).toEqual([
      { scenario: "ping", passed: 1, failed: 1, kind: "fail", note: "bad: it broke" },
    ]);
  });

  it("counts a warning as a failure", () => {
    const [verdict] = judge([{ scenario: "ping", checks: [{ id: "slow", status: "WARNING" }] }], [], none);
    expect(verdict?.kind).toBe("fail");
  });

  it("accepts an expected failure and repeats its reason", () => {
    const expected = [{ scenario: "sampling", check: undefined, reason: "comes later" }];
    expect(judge([{ scenario: "sampling", checks: [bad] }], expected, none)[0]).toMatchObject({
      kind: "expected",
      note: "comes later",
    });
  });

  it("accepts one expected check and still fails for another one", () => {
    const expected = [{ scenario: "stateless", check: "bad", reason: "comes later" }];
    const other: Check = { id: "other", status: "FAILURE" };
    expect(judge([{ scenario: "stateless", checks: [ok, bad] }], expected, none)[0]?.kind).toBe("expected");
    expect(judge([{ scenario: "stateless", checks: [other, bad] }], expected, none)[0]?.kind).toBe("fail");
  });

  it("fails an expected failure that passes or did not run", () => {
    const expected = [{ scenario: "sampling", check: undefined, reason: "comes later" }];
    expect(judge([{ scenario: "sampling", checks: [ok] }], expected, none)[0]?.kind).toBe("fail");
    expect(judge([], expected, none)[0]?.kind).toBe("fail");
  });

  it("reports an extension without counting it", () => {
    expect(judge([{ scenario: "tasks", checks: [bad] }], [], new Set(["tasks"]))[0]?.kind).toBe("unscored");
  });

  it("fails a scenario that reported nothing", () => {
    expect(judge([{ scenario: "ping", checks: [] }], [], none)[0]?.kind).toBe("fail");
  });
});
