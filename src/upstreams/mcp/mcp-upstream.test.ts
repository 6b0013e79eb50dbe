import { describe, expect, it } from "vitest";
import { AppError } from "../../core/errors.ts";
import { anonymous } from "../../core/principal.ts";
import { FakeMcpServer } from "../../../test/fixtures/fake-mcp-server.ts";
import { keyHolder, testUpstream } from "../../../test/fixtures/fake-mcp-upstream.ts";
import { settle } from "../../../test/fixtures/manual-clock.ts";

const ann = keyHolder("ann");
const bob = keyHolder("bob");

describe("who shares a connection", () => {
  it("opens one for calls that come at the same moment", async () => {
    const { server, call } = testUpstream({ sharing: "shared" });
    const first = call();
    const second = call();
    await settle();
    expect(server.attempts).toBe(1);
    for (const { answer } of server.connection(0).calls) answer();
    await expect(first.outcome).resolves.toMatchObject({ kind: "result" });
    await expect(second.outcome).resolves.toMatchObject({ kind: "result" });
  });

  const callers = {
    ann: { principal: ann, sessionId: undefined },
    "ann, session 1": { principal: ann, sessionId: "1" },
    "ann, session 2": { principal: ann, sessionId: "2" },
    bob: { principal: bob, sessionId: undefined },
    "anonymous, session 3": { principal: anonymous, sessionId: "3" },
    "anonymous, session 4": { principal: anonymous, sessionId: "4" },
    stranger: { principal: anonymous, sessionId: undefined },
    "another stranger": { principal: anonymous, sessionId: undefined },
  } as const;
  type Name = keyof typeof callers;
  const everybody = Object.keys(callers) as Name[];

  const groups: {
    readonly sharing: "shared" | "per-principal" | "per-session";
    readonly server: "stateful" | "stateless";
    readonly headers?: Readonly<Record<string, string>>;
    readonly together: readonly (readonly Name[])[];
  }[] = [
    { sharing: "shared", server: "stateful", together: [everybody] },
    { sharing: "shared", server: "stateless", together: [everybody] },
    {
      sharing: "per-principal",
      server: "stateful",
      together: [
        ["ann", "ann, session 1", "ann, session 2"],
        ["bob"],
        ["anonymous, session 3"],
        ["anonymous, session 4"],
        ["stranger"],
        ["another stranger"],
      ],
    },
    { sharing: "per-principal", server: "stateless", together: [everybody] },
    {
      sharing: "per-principal",
      server: "stateless",
      headers: { "x-user": "${principal.id}" },
      together: [
        ["ann", "ann, session 1", "ann, session 2"],
        ["bob"],
        ["anonymous, session 3", "anonymous, session 4", "stranger", "another stranger"],
      ],
    },
    {
      sharing: "per-session",
      server: "stateful",
      together: [
        ["ann"],
        ["ann, session 1"],
        ["ann, session 2"],
        ["bob"],
        ["anonymous, session 3"],
        ["anonymous, session 4"],
        ["stranger"],
        ["another stranger"],
      ],
    },
    { sharing: "per-session", server: "stateless", together: [everybody] },
  ];

  for (const { sharing, server: kind, headers, together } of groups) {
    const title = `${sharing} with a ${kind} server${headers === undefined ? "" : " and headers of the principal"}`;
    it(`is as declared: ${title}`, async () => {
      const server = new FakeMcpServer();
      server.isStateless = kind === "stateless";
      const url = headers === undefined ? {} : { url: "http://127.0.0.1/mcp", headers };
      const { call } = testUpstream({ sharing, ...url }, server);
      // One after the other: what the first connection is found to be decides for the next caller.
      const usedBy = new Map<Name, number>();
      for (const name of everybody) {
        call(callers[name], { params: name });
        await settle();
        const used = server.opened.findIndex((connection) =>
          connection.calls.some(({ request }) => request.params === name),
        );
        usedBy.set(name, used);
      }
      const found = new Map<number, Name[]>();
      for (const [name, used] of usedBy) found.set(used, [...(found.get(used) ?? []), name]);
      expect([...found.values()].map((names) => names.toSorted())).toEqual(together.map((names) => names.toSorted()));
      expect(found.has(-1)).toBe(false);
    });
  }

  it("connects as the principal whose headers are sent, and as nobody otherwise", async () => {
    const { server, call } = testUpstream({ url: "http://127.0.0.1/mcp", headers: { "x-user": "${principal.id}" } });
    call({ principal: ann });
    call({ sessionId: "1" });
    await settle();
    expect(server.opened.map(({ principal }) => principal.id)).toEqual(["ann", "anonymous"]);
  });

  it("is decided anew when a server that kept nothing turns into one that keeps something", async () => {
    const server = new FakeMcpServer();
    server.isStateless = true;
    const { call } = testUpstream({ sharing: "per-session" }, server);
    call({ sessionId: "1" });
    await settle();
    server.isStateless = false;
    server.connection(0).crash();
    call({ sessionId: "1" });
    call({ sessionId: "2" });
    await settle();
    const used = server.opened.map(({ calls }) => calls.map(({ context }) => context.sessionId));
    expect(used).toEqual([["1"], [], ["1"], ["2"]]);
  });

  it("never is a connection that keeps something, found before the server changed into one that does not", async () => {
    const server = new FakeMcpServer();
    const { call, upstream } = testUpstream({ sharing: "per-session" }, server);
    await upstream.listed(anonymous);
    server.isStateless = true;
    call({ sessionId: "1" });
    await settle();
    call({ sessionId: "2" });
    await settle();
    expect(server.connection(0)).toMatchObject({ isStateless: false, calls: [], isClosed: true });
    expect(server.connection(1).calls.map(({ context }) => context.sessionId)).toEqual(["1", "2"]);
  });

  it("gives a connection that two callers opened at once to the first, and ends the other one later", async () => {
    const server = new FakeMcpServer();
    server.isStateless = true;
    const { call, clock, upstream } = testUpstream({ sharing: "per-session" }, server);
    call({ sessionId: "1" });
    call({ sessionId: "2" });
    await settle();
    expect(server.opened).toHaveLength(2);
    expect(server.connection(0).calls.map(({ context }) => context.sessionId)).toEqual(["1", "2"]);
    await clock.advance(20_000);
    expect(server.connection(1).isClosed).toBe(true);
    expect(server.connection(0).isClosed).toBe(false);
    expect(upstream.status().connections).toBe(1);
  });
});

describe("the connection of a stranger's call", () => {
  it("ends with the call", async () => {
    const { server, call, upstream } = testUpstream();
    const { outcome } = call();
    await settle();
    server.connection(0).calls[0]?.answer();
    await outcome;
    await settle();
    expect(server.connection(0).isClosed).toBe(true);
    expect(upstream.status()).toMatchObject({ connections: 0, state: "idle" });
  });

  it("ends when the call fails", async () => {
    const { server, call } = testUpstream();
    const { outcome } = call();
    await settle();
    server.connection(0).calls[0]?.fail(new AppError("timed_out", "too slow"));
    await expect(outcome).resolves.toMatchObject({ code: "timed_out" });
    expect(server.connection(0).isClosed).toBe(true);
  });

  it("is given up when the client cancels before it is open", async () => {
    const { server, call, upstream } = testUpstream();
    server.gate = new Promise(() => undefined);
    const { context, outcome } = call();
    await settle();
    context.abort?.();
    await expect(outcome).resolves.toMatchObject({ code: "cancelled" });
    expect(upstream.status().state).toBe("idle");
  });
});

describe("the end of a client's session", () => {
  it("ends its connection at once and cancels its calls", async () => {
    const { server, call, upstream } = testUpstream({ sharing: "per-session" });
    const one = call({ sessionId: "1" });
    call({ sessionId: "2" });
    await settle();
    upstream.sessionEnded("1");
    await expect(one.outcome).resolves.toMatchObject({ code: "cancelled" });
    expect(server.opened.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    await settle();
    expect(upstream.status().connections).toBe(1);
  });

  it("ends a connection that is still being opened", async () => {
    const { server, call, upstream } = testUpstream({ sharing: "per-session" });
    let open = (): void => undefined;
    server.gate = new Promise((resolve) => {
      open = resolve;
    });
    const { outcome } = call({ sessionId: "1" });
    await settle();
    upstream.sessionEnded("1");
    await expect(outcome).resolves.toMatchObject({ code: "cancelled" });
    open();
    await settle();
    expect(server.opened).toHaveLength(0);
    expect(upstream.status()).toMatchObject({ connections: 0, state: "idle" });
  });

  it("leaves connections alone that others use", async () => {
    const { server, call, upstream } = testUpstream({ sharing: "per-principal" });
    call({ principal: ann, sessionId: "1" });
    await settle();
    upstream.sessionEnded("1");
    expect(server.connection(0).isClosed).toBe(false);
  });
});

describe("watching", () => {
  const caller = { principal: ann, sessionId: "1" };

  it("tells the server of the first and the last who watches a resource", async () => {
    const { server, upstream } = testUpstream({ sharing: "shared" });
    const first = upstream.watch(caller, "file:///a");
    await settle();
    const second = upstream.watch(caller, "file:///a");
    const third = upstream.watch(caller, "file:///b");
    first.end();
    first.end();
    third.end();
    second.end();
    expect(server.connection(0).watched).toEqual([["file:///a"], ["file:///a", "file:///b"], ["file:///a"], []]);
    expect(upstream.status().watches).toBe(0);
  });

  it("is in effect when the server tells of changes, or when it is clear that it will not for now", async () => {
    const { server, upstream } = testUpstream({ sharing: "shared" });
    let acknowledge = (): void => undefined;
    server.watching = new Promise((resolve) => {
      acknowledge = resolve;
    });
    let isInEffect = false;
    const watch = upstream.watch(caller, "file:///a");
    void watch.inEffect.then(() => {
      isInEffect = true;
    });
    await settle();
    expect(server.connection(0).watched).toEqual([["file:///a"]]);
    expect(isInEffect).toBe(false);
    acknowledge();
    await watch.inEffect;
    const broken = testUpstream({ sharing: "shared" });
    broken.server.failure = new AppError("upstream_failed", "refused");
    await broken.upstream.watch(caller, "file:///a").inEffect;
    await broken.upstream.watch(caller, "file:///b").inEffect;
  });

  it("goes on over a new connection when the old one breaks, without a call", async () => {
    const { server, clock, upstream } = testUpstream({ sharing: "per-session" });
    upstream.watch(caller, "file:///a");
    await settle();
    server.connection(0).crash();
    await clock.advance(1_000);
    expect(server.connection(1).watched).toEqual([["file:///a"]]);
  });

  it("goes on as soon as a server that was down can be reached", async () => {
    const { server, clock, upstream } = testUpstream({ sharing: "per-session" });
    server.failure = new AppError("upstream_failed", "refused");
    upstream.watch(caller, "file:///a");
    await clock.advance(10_000);
    server.failure = undefined;
    await clock.advance(30_000);
    expect(server.connection(0).watched).toEqual([["file:///a"]]);
  });

  it("passes what the server says on to those whom it concerns", async () => {
    const { server, upstream, notified } = testUpstream({ sharing: "per-session" });
    upstream.watch(caller, "file:///a");
    upstream.watch({ principal: ann, sessionId: undefined }, undefined);
    await settle();
    for (const connection of server.opened) connection.notify("notifications/resources/updated", { uri: "file:///a" });
    // The gateway's own connection is nobody's.
    expect(notified).toEqual([{ binding: { kind: "session", id: "1" }, method: "notifications/resources/updated" }]);
  });

  it("does not show everybody what a shared server logs besides calls: it may be about a stranger's", async () => {
    const shared = testUpstream({ sharing: "shared" });
    shared.upstream.watch(caller, undefined);
    const own = testUpstream({ sharing: "per-session" });
    own.upstream.watch(caller, "file:///a");
    await settle();
    for (const { server } of [shared, own]) {
      server.connection(0).notify("notifications/message", { level: "info", data: "of the last call" });
    }
    expect(shared.notified).toEqual([]);
    expect(own.notified).toEqual([{ binding: { kind: "session", id: "1" }, method: "notifications/message" }]);
  });

  it("hears of lists over the connection that feeds the catalogue", async () => {
    const { server, upstream } = testUpstream({ sharing: "per-session" });
    const watches = Array.from({ length: 5 }, () =>
      upstream.watch({ principal: anonymous, sessionId: undefined }, undefined),
    );
    await settle();
    expect(server.opened).toHaveLength(1);
    expect(upstream.status().watches).toBe(watches.length);
  });
});

describe("closing", () => {
  it("waits for calls under way, then ends every connection", async () => {
    const { server, call, clock, upstream } = testUpstream({ sharing: "per-session" });
    const { outcome } = call({ sessionId: "1" });
    call({ sessionId: "2" });
    await settle();
    server.connection(1).calls[0]?.answer();
    const closed = upstream.close();
    await clock.advance(1_000);
    expect(server.opened.map(({ isClosed }) => isClosed)).toEqual([false, false]);
    server.connection(0).calls[0]?.answer();
    await clock.advance(100);
    await closed;
    await expect(outcome).resolves.toMatchObject({ kind: "result" });
    expect(server.opened.map(({ isClosed }) => isClosed)).toEqual([true, true]);
    expect(server.isClosed).toBe(true);
    expect(clock.timers).toBe(0);
  });

  it("ends calls that take longer than the deadline", async () => {
    const { call, clock, upstream } = testUpstream({ sharing: "shared" });
    const { outcome } = call();
    await settle();
    const closed = upstream.close(2_000);
    await clock.advance(2_000);
    await closed;
    await expect(outcome).resolves.toMatchObject({ message: "The upstream `files` is being closed." });
  });

  it("takes no more calls, and may be asked for twice", async () => {
    const { server, call, upstream } = testUpstream({ sharing: "shared", eager: true });
    await settle();
    const closed = upstream.close();
    await expect(call().outcome).resolves.toMatchObject({ message: "The upstream `files` is being closed." });
    await upstream.close();
    await closed;
    expect(server.opened).toHaveLength(1);
    expect(upstream.status()).toMatchObject({ state: "ended", connections: 0 });
  });

  it("resolves when nothing is left of the connections", async () => {
    const { server, upstream } = testUpstream({ sharing: "shared", eager: true });
    await settle();
    let end = (): void => undefined;
    server.closing = new Promise((resolve) => {
      end = resolve;
    });
    let isClosed = false;
    const closed = upstream.close().then(() => {
      isClosed = true;
    });
    await settle();
    expect(isClosed).toBe(false);
    end();
    await closed;
  });

  it("says nothing afterwards", async () => {
    const { server, upstream, notified, changes } = testUpstream({ sharing: "shared", eager: true });
    await settle();
    const told = changes.length;
    await upstream.close();
    server.connection(0).notify("notifications/resources/updated", { uri: "x" });
    server.connection(0).notify("notifications/tools/list_changed");
    await settle();
    expect({ notified, changes: changes.length }).toEqual({ notified: [], changes: told });
  });
});
