import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { rank } from "../../protocol/revisions.ts";
import type { Session } from "./session.ts";
import { SessionRegistry } from "./session-registry.ts";

const limits = { required: true, ttlMs: 120_000, max: 3 };
const ada = { kind: "key", id: "ada", name: "ada", tenant: "*" } as const;
const bob = { kind: "key", id: "bob", name: "bob", tenant: "*" } as const;
const owner = { transport: "http", prefix: "/a", principal: ada } as const;

let registry: SessionRegistry;

beforeEach(() => {
  vi.useFakeTimers();
  registry = new SessionRegistry(() => Date.now());
});

afterEach(() => {
  registry.close();
  vi.useRealTimers();
});

describe("a session", () => {
  test("is found by whoever opened it, and by nobody else", () => {
    const { id } = open();
    expect(registry.find(id, owner)?.id).toBe(id);
    expect(registry.find(id, { ...owner, principal: bob })).toBeUndefined();
    expect(registry.find(id, { ...owner, prefix: "/b" })).toBeUndefined();
    expect(registry.find(id, { ...owner, transport: "sse" })).toBeUndefined();
    expect(registry.find("__proto__", owner)).toBeUndefined();
  });

  test("ends when it was not used for its time to live", () => {
    const used = open();
    const idle = open();
    vi.advanceTimersByTime(100_000);
    registry.find(used.id, owner);
    vi.advanceTimersByTime(40_000);
    expect(registry.find(idle.id, owner)).toBeUndefined();
    expect(registry.find(used.id, owner)).toBe(used);
  });

  test("is not used by who may not use it", () => {
    const session = open();
    for (let elapsed = 0; elapsed < 140_000; elapsed += 10_000) {
      registry.find(session.id, { ...owner, principal: bob });
      vi.advanceTimersByTime(10_000);
    }
    expect(registry.size).toBe(0);
  });

  test("whose handshake never ends is gone after a minute", () => {
    const { id } = open(false);
    vi.advanceTimersByTime(59_000);
    expect(registry.size).toBe(1);
    vi.advanceTimersByTime(12_000);
    expect(registry.find(id, owner)).toBeUndefined();
  });

  test("with an open stream does not end", () => {
    const session = open();
    session.openChannel({ send: () => undefined, close: () => undefined });
    vi.advanceTimersByTime(3_600_000);
    expect(registry.find(session.id, owner)).toBe(session);
  });
});

describe("the limit of a route", () => {
  test("counts its own sessions, and those that ended no more", () => {
    const first = open();
    open();
    open();
    expect(() => open()).toThrow("as many sessions as it may");
    expect(open(true, "/b").prefix).toBe("/b");
    registry.delete(first);
    registry.delete(first); // counts once
    open();
    expect(() => open()).toThrow("as many sessions as it may");
  });

  test("is free again when the time to live of its sessions is over", () => {
    for (let i = 0; i < limits.max; i += 1) open();
    vi.advanceTimersByTime(140_000);
    expect(open().prefix).toBe("/a");
  });
});

test("closing ends every session and leaves no timer", () => {
  let closed = 0;
  for (const prefix of ["/a", "/b"])
    open(true, prefix).openChannel({ send: () => undefined, close: () => (closed += 1) });
  registry.close();
  expect(closed).toBe(2);
  expect(registry.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

function open(initialized = true, prefix = "/a"): Session {
  const session = registry.create(
    {
      transport: "http",
      prefix,
      serverKey: "default/a",
      principal: ada,
      rank: rank["2025-11-25"],
      protocolVersion: "2025-11-25",
      clientInfo: undefined,
      capabilities: {},
    },
    limits,
  );
  session.initialized = initialized;
  return session;
}
