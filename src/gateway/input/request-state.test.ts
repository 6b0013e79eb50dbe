import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../core/json.ts";
import { type RequestBinding, RequestStates } from "./request-state.ts";

const key = Buffer.alloc(32, 7);
const binding: RequestBinding = {
  principalId: "key:1",
  serverKey: "default/crm",
  method: "tools/call",
  params: { name: "delete", arguments: { id: 7n, list: [1, "a"] } },
};

function openStates(at = 1_000): { states: RequestStates; advance: (ms: number) => void } {
  let now = at;
  return { states: new RequestStates(key, () => now), advance: (ms) => void (now += ms) };
}

describe("RequestStates", () => {
  it("reads what it wrote for the same request", () => {
    const { states } = openStates();
    const written = [
      { kind: "parked", id: "x" },
      { kind: "confirm" },
      { kind: "asked", upstream: "files", state: "…opaque…" },
      { kind: "asked", upstream: "files", state: undefined },
      { kind: "visited" },
    ] as const;
    for (const state of written) {
      expect(states.read(states.write(state, binding, 100), binding)).toMatchObject(
        JSON.parse(JSON.stringify(state)) as object,
      );
    }
  });

  it("counts for no other caller, server, method or parameters", () => {
    const { states } = openStates();
    const text = states.write({ kind: "confirm" }, binding, 100);
    const others: Partial<RequestBinding>[] = [
      { principalId: "key:2" },
      { serverKey: "default/other" },
      { method: "prompts/get" },
      { params: { name: "delete", arguments: { id: 8n, list: [1, "a"] } } },
      { params: { name: "delete", arguments: { id: 7n, list: ["a", 1] } } },
      { params: { name: "delete" } },
    ];
    for (const other of others) {
      expect(() => states.read(text, { ...binding, ...other })).toThrow(/not one that was given for this request/);
    }
  });

  it("does not care for the order of members, nor for what changes between rounds", () => {
    const { states } = openStates();
    const text = states.write({ kind: "confirm" }, binding, 100);
    const params: JsonObject = {
      _meta: { progressToken: 9 },
      requestState: text,
      inputResponses: { confirm: { action: "accept" } },
      arguments: { list: [1, "a"], id: 7n },
      name: "delete",
    };
    expect(states.read(text, { ...binding, params })).toMatchObject({ kind: "confirm" });
  });

  it("has one spelling: no other text passes", () => {
    const { states } = openStates();
    const text = states.write({ kind: "parked", id: "0123456789" }, binding, 100);
    const characters = fc.stringMatching(/^[A-Za-z0-9_.=+/ -]$/);
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(2), characters, (at, cut, character) => {
        const other = text.slice(0, at) + character + text.slice(at + cut);
        if (other === text) return;
        expect(() => states.read(other, binding)).toThrow(/params\.requestState/);
      }),
      { numRuns: 2_000 },
    );
    for (const other of [`${text}-TAMPERED`, `${text}.`, `${text}=`, ` ${text}`, "", "gw1..", 7, null, {}, [text]]) {
      expect(() => states.read(other, binding)).toThrow(/params\.requestState/);
    }
  });

  it("expires", () => {
    const { states, advance } = openStates();
    const text = states.write({ kind: "confirm" }, binding, 100);
    advance(99);
    expect(states.read(text, binding)).toMatchObject({ kind: "confirm" });
    advance(1);
    expect(() => states.read(text, binding)).toThrow(
      "params.requestState has expired; send the request again without it.",
    );
  });

  it("is worth nothing to a process with another key", () => {
    const text = openStates().states.write({ kind: "confirm" }, binding, 100);
    expect(() => new RequestStates(Buffer.alloc(32, 8), () => 1_000).read(text, binding)).toThrow(/not one/);
  });
});
