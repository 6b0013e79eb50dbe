import { describe, expect, it } from "vitest";
import { AppError } from "../../../core/errors.ts";
import { anonymous } from "../../../core/principal.ts";
import { FakeMcpServer } from "../../../../test/fixtures/fake-mcp-server.ts";
import { testUpstream } from "../../../../test/fixtures/fake-mcp-upstream.ts";
import { settle } from "../../../../test/fixtures/manual-clock.ts";

describe("a connection that nobody uses", () => {
  it("ends after idleMs, and not while a call is under way", async () => {
    const { server, call, clock, upstream } = testUpstream({ sharing: "shared", idleMs: 10_000 });
    call();
    await settle();
    await clock.advance(60_000);
    expect(server.connection(0).isClosed).toBe(false);
    server.connection(0).calls[0]?.answer();
    await clock.advance(9_000);
    expect(server.connection(0).isClosed).toBe(false);
    await clock.advance(6_000);
    expect(server.connection(0).isClosed).toBe(true);
    expect(upstream.status()).toMatchObject({ state: "idle", connections: 0 });
  });

  it("leaves no timer behind", async () => {
    const { server, call, clock } = testUpstream({ sharing: "shared", idleMs: 10_000 });
    const { outcome } = call();
    await settle();
    server.connection(0).calls[0]?.answer();
    await outcome;
    await clock.advance(60_000);
    expect(clock.timers).toBe(0);
  });

  it("stays when the upstream is eager", async () => {
    const { server, clock } = testUpstream({ sharing: "shared", idleMs: 10_000, eager: true });
    await clock.advance(60_000);
    expect(server.connection(0).isClosed).toBe(false);
  });

  it("stays while somebody watches", async () => {
    const { server, clock, upstream } = testUpstream({ sharing: "shared", idleMs: 10_000 });
    const watch = upstream.watch({ principal: anonymous, sessionId: "1" }, undefined);
    await clock.advance(60_000);
    expect(server.connection(0).isClosed).toBe(false);
    watch.end();
    await clock.advance(20_000);
    expect(server.connection(0).isClosed).toBe(true);
  });

  it("makes room for another when maxConnections are open, the one that was unused for longest first", async () => {
    const { server, call } = testUpstream({ sharing: "per-session", maxConnections: 2 });
    for (const sessionId of ["1", "2"]) {
      call({ sessionId });
      await settle();
      server.opened.at(-1)?.calls[0]?.answer();
    }
    await settle();
    call({ sessionId: "1" });
    await settle();
    server.connection(0).calls[1]?.answer();
    await settle();
    call({ sessionId: "3" });
    await settle();
    expect(server.opened.map(({ isClosed }) => isClosed)).toEqual([false, true, false]);
  });

  it("is refused when all connections are in use, with the key to change", async () => {
    const { server, call } = testUpstream({ sharing: "per-session", maxConnections: 1 });
    call({ sessionId: "1" });
    await settle();
    await expect(call({ sessionId: "2" }).outcome).resolves.toMatchObject({
      code: "overloaded",
      message: "The upstream `files` has 1 connections in use (`upstreams.files.maxConnections`).",
    });
    expect(server.opened).toHaveLength(1);
    expect(server.connection(0).isClosed).toBe(false);
  });
});

describe("the health of a quiet connection", () => {
  it("is asked for while somebody depends on it, and not while calls are under way", async () => {
    const { server, call, clock } = testUpstream({ sharing: "shared", eager: true, healthMs: 8_000 });
    await clock.advance(30_000);
    const asked = server.connection(0).pings;
    expect(asked).toBeGreaterThanOrEqual(2);
    call();
    await clock.advance(30_000);
    expect(server.connection(0).pings).toBe(asked);
  });

  it("is not asked for when nobody depends on it, so that it can end", async () => {
    const { server, call, clock } = testUpstream({ sharing: "shared", healthMs: 1_000, idleMs: 10_000 });
    call();
    await settle();
    server.connection(0).calls[0]?.answer();
    await clock.advance(15_000);
    expect(server.connection(0)).toMatchObject({ pings: 0, isClosed: true });
  });

  it("is asked for once when calls got no answer in time, and another connection is opened if there is none", async () => {
    const { server, call } = testUpstream({ sharing: "shared" });
    const slow = [call(), call(), call()];
    await settle();
    server.pingFailure = new AppError("timed_out", "no answer");
    for (const { fail } of server.connection(0).calls.slice(0, 2)) fail(new AppError("timed_out", "too slow"));
    await expect(slow[0]?.outcome).resolves.toMatchObject({ message: "too slow" });
    await expect(slow[2]?.outcome).resolves.toMatchObject({ code: "upstream_failed" });
    expect(server.connection(0)).toMatchObject({ pings: 1, isClosed: true });
    server.pingFailure = undefined;
    call();
    await settle();
    expect(server.connection(1).calls).toHaveLength(1);
  });

  it("is doubted when a call fails, where every request stands for itself too: another URL may serve it", async () => {
    const server = new FakeMcpServer();
    server.isStateless = true;
    server.detected.transport = "streamable-http";
    const { call } = testUpstream({ sharing: "shared" }, server);
    const { outcome } = call();
    await settle();
    server.pingFailure = new AppError("upstream_failed", "refused");
    server.connection(0).calls[0]?.fail(new AppError("upstream_failed", "refused"));
    await outcome;
    await settle();
    expect(server.connection(0)).toMatchObject({ pings: 1, isClosed: true });
  });

  it("is believed for a second by the calls that fail after it has answered", async () => {
    const { server, clock, call } = testUpstream({ sharing: "shared" });
    const failOne = async (): Promise<void> => {
      const { outcome } = call();
      await settle();
      server.connection(0).calls.at(-1)?.fail(new AppError("upstream_failed", "no JSON"));
      await outcome;
      await settle();
    };
    for (let failure = 0; failure < 5; failure++) await failOne();
    expect(server.connection(0).pings).toBe(1);
    await clock.advance(1_000);
    await failOne();
    expect(server.connection(0).pings).toBe(2);
  });

  it("is good enough when a slow server answers a ping", async () => {
    const { server, call } = testUpstream({ sharing: "shared" });
    const { outcome } = call();
    await settle();
    server.connection(0).calls[0]?.fail(new AppError("timed_out", "too slow"));
    await outcome;
    await settle();
    expect(server.connection(0)).toMatchObject({ pings: 1, isClosed: false });
  });

  it("leads to another connection when there is no answer", async () => {
    const { server, clock, upstream } = testUpstream({ sharing: "shared", eager: true, healthMs: 8_000 });
    await settle();
    server.pingFailure = new AppError("timed_out", "no answer");
    await clock.advance(14_000);
    server.pingFailure = undefined;
    await clock.advance(2_000);
    expect(server.connection(0).isClosed).toBe(true);
    expect(upstream.status()).toMatchObject({ state: "ready", restarts: 1, lastError: "no answer" });
  });
});

describe("starting", () => {
  it("happens eight children at a time, in the order of the calls", async () => {
    const { server, call } = testUpstream({ sharing: "per-session" });
    const gates: (() => void)[] = [];
    const connect = server.connect.bind(server);
    server.connect = (principal) => async (listener, signal) => {
      await new Promise<void>((resolve) => gates.push(resolve));
      return connect(principal)(listener, signal);
    };
    for (let session = 0; session < 20; session++) call({ sessionId: String(session) });
    await settle();
    expect(gates).toHaveLength(8);
    gates[0]?.();
    await settle();
    expect(gates).toHaveLength(9);
    for (let index = 1; index < 20; index++) {
      gates[index]?.();
      await settle();
    }
    const order = server.opened.map(({ calls }) => calls[0]?.context.sessionId);
    expect(order).toEqual(Array.from({ length: 20 }, (_, session) => String(session)));
  });
});
