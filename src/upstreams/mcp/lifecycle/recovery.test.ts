import { describe, expect, it } from "vitest";
import { AppError } from "../../../core/errors.ts";
import { FakeMcpServer } from "../../../../test/fixtures/fake-mcp-server.ts";
import { testUpstream } from "../../../../test/fixtures/fake-mcp-upstream.ts";
import { settle } from "../../../../test/fixtures/manual-clock.ts";

describe("a call that waits for its connection", () => {
  it("is rejected at its own deadline, and the connection is opened all the same", async () => {
    const { server, call, clock } = testUpstream({ sharing: "shared", startTimeoutMs: 120_000 });
    let open = (): void => undefined;
    server.gate = new Promise((resolve) => {
      open = resolve;
    });
    const { outcome } = call();
    await clock.advance(60_000);
    await expect(outcome).resolves.toMatchObject({ code: "timed_out" });
    open();
    await settle();
    expect(server.opened).toHaveLength(1);
    expect(server.connection(0).calls).toEqual([]);
  });

  it("is rejected when opening takes longer than startTimeoutMs, with the key to change", async () => {
    const { server, call, clock } = testUpstream({ sharing: "shared", startTimeoutMs: 2_000 });
    server.gate = new Promise(() => undefined);
    const { outcome } = call();
    await clock.advance(2_000);
    await expect(outcome).resolves.toMatchObject({
      code: "timed_out",
      message: "The upstream `files` did not answer within 2000 ms (`upstreams.files.startTimeoutMs`).",
    });
  });

  it("closes a connection that comes after the time was over", async () => {
    const { server, call, clock } = testUpstream({ sharing: "shared", startTimeoutMs: 2_000 });
    let open = (): void => undefined;
    server.gate = new Promise((resolve) => {
      open = resolve;
    });
    const connect = server.connect.bind(server);
    // An opener that does not listen to the signal.
    server.connect = (principal) => (listener) => connect(principal)(listener, new AbortController().signal);
    const { outcome } = call();
    await clock.advance(2_000);
    await outcome;
    open();
    await settle();
    expect(server.connection(0).isClosed).toBe(true);
  });
});

describe("a server that is down", () => {
  const refused = new AppError("upstream_failed", "The connection was refused.");

  it("is left alone for a random part of a time that doubles up to the longest", async () => {
    const { server, call, clock } = testUpstream({
      sharing: "shared",
      restart: { backoffMs: 1_000, maxBackoffMs: 4_000 },
    });
    server.failure = refused;
    for (const [attempts, longestMs] of [1_000, 2_000, 4_000, 4_000].entries()) {
      await call().outcome;
      expect(server.attempts).toBe(attempts + 1);
      // Half of the longest wait: what the clock's chance says.
      await clock.advance(longestMs / 2 - 1);
      await call().outcome;
      expect(server.attempts).toBe(attempts + 1);
      await clock.advance(1);
    }
    server.failure = undefined;
    call();
    await settle();
    expect(server.opened).toHaveLength(1);
  });

  it("fails calls at once with its reason and the time of the next attempt", async () => {
    const { server, call } = testUpstream({ sharing: "shared", restart: { backoffMs: 8_000, maxBackoffMs: 30_000 } });
    server.failure = refused;
    await expect(call().outcome).resolves.toBe(refused);
    await expect(call().outcome).resolves.toMatchObject({
      code: "upstream_failed",
      message: "The upstream `files` is down: The connection was refused. It is tried again in 4 s.",
    });
    expect(server.attempts).toBe(1);
  });

  it("is opened by the first call after that time", async () => {
    const { server, call, clock } = testUpstream({ sharing: "shared" });
    server.failure = refused;
    await call().outcome;
    await clock.advance(500);
    server.failure = undefined;
    call();
    await settle();
    expect(server.connection(0).calls).toHaveLength(1);
  });

  it("is opened again without a call when it is eager", async () => {
    const server = new FakeMcpServer();
    server.failure = refused;
    const { clock, upstream } = testUpstream({ eager: true }, server);
    await settle();
    expect(upstream.status()).toMatchObject({ state: "failed", lastError: "The connection was refused." });
    server.failure = undefined;
    await clock.advance(1_000);
    expect(upstream.status().state).toBe("ready");
  });

  it("is logged once, and once when it is up again", async () => {
    const server = new FakeMcpServer();
    server.failure = refused;
    const { clock, logged } = testUpstream({ eager: true }, server);
    await clock.advance(60_000);
    server.failure = undefined;
    await clock.advance(60_000);
    expect(logged).toEqual(["upstream failed", "upstream is up again"]);
  });

  it("does not hold back other sessions by the failure of one", async () => {
    const { server, call } = testUpstream({ sharing: "per-session" });
    server.failure = refused;
    await call({ sessionId: "1" }).outcome;
    server.failure = undefined;
    call({ sessionId: "2" });
    await settle();
    expect(server.opened).toHaveLength(1);
  });
});

describe("a connection that breaks in mid-call", () => {
  it("fails the call, and the next call opens another", async () => {
    const { server, call, upstream } = testUpstream({ sharing: "shared" });
    const { outcome } = call();
    await settle();
    server.connection(0).crash();
    await expect(outcome).resolves.toMatchObject({ code: "upstream_failed" });
    call();
    await settle();
    expect(server.connection(1).calls).toHaveLength(1);
    expect(upstream.status().restarts).toBe(1);
  });

  it("repeats a call once that may be repeated", async () => {
    const { server, call } = testUpstream({ sharing: "shared" });
    const { outcome } = call({}, { isIdempotent: true });
    await settle();
    server.connection(0).crash();
    await settle();
    server.connection(1).crash();
    await expect(outcome).resolves.toMatchObject({ code: "upstream_failed" });
    expect(server.opened).toHaveLength(2);
  });

  it("is not repeated when only the call failed", async () => {
    const { server, call } = testUpstream({ sharing: "shared" });
    const { outcome } = call({}, { isIdempotent: true });
    await settle();
    server.connection(0).calls[0]?.fail(new AppError("upstream_failed", "500"));
    await expect(outcome).resolves.toMatchObject({ message: "500" });
    expect(server.opened).toHaveLength(1);
    expect(server.connection(0).calls).toHaveLength(1);
  });

  it("is left alone after five times within a minute", async () => {
    const { server, call } = testUpstream({ sharing: "shared", restart: { backoffMs: 1_000, maxBackoffMs: 30_000 } });
    for (let crashes = 0; crashes < 5; crashes++) {
      const { outcome } = call();
      await settle();
      server.connection(crashes).crash();
      await outcome;
    }
    await expect(call().outcome).resolves.toMatchObject({
      message: expect.stringMatching(/is down: The program ended .* It is tried again in 23 s\.$/),
    });
    expect(server.opened).toHaveLength(5);
  });
});

describe("a session that the server no longer knows", () => {
  const lost = new AppError("session_not_found", "Session not found");

  it("is opened again for a call that may be repeated", async () => {
    const { server, call } = testUpstream({ sharing: "shared" });
    const { outcome } = call({}, { isIdempotent: true });
    await settle();
    server.connection(0).calls[0]?.fail(lost);
    await settle();
    server.connection(1).calls[0]?.answer('{"again":true}');
    await expect(outcome).resolves.toMatchObject({ value: { again: true } });
    expect(server.connection(0).isClosed).toBe(true);
  });

  it("fails a call that may not, never as the client's own session", async () => {
    const { server, call } = testUpstream({ sharing: "shared" });
    const { outcome } = call();
    await settle();
    server.connection(0).calls[0]?.fail(lost);
    await expect(outcome).resolves.toMatchObject({
      code: "upstream_failed",
      message: expect.stringContaining("`tools/call` was not carried out. Call again"),
    });
    call();
    await settle();
    expect(server.connection(1).calls).toHaveLength(1);
  });

  it("fails a call that was repeated and lost again", async () => {
    const { server, call } = testUpstream({ sharing: "shared" });
    const { outcome } = call({}, { isIdempotent: true });
    await settle();
    server.connection(0).calls[0]?.fail(lost);
    await settle();
    server.connection(1).calls[0]?.fail(lost);
    await expect(outcome).resolves.toMatchObject({ code: "upstream_failed" });
    expect(server.opened).toHaveLength(2);
  });

  it("does not tell the other calls that their clients had cancelled", async () => {
    const { server, call } = testUpstream({ sharing: "shared" });
    call();
    const other = call();
    await settle();
    server.connection(0).calls[0]?.fail(lost);
    await expect(other.outcome).resolves.toMatchObject({
      code: "upstream_failed",
      message: "The upstream `files` was connected anew: Session not found",
    });
  });

  it("is no reason to leave the server alone, however often it happens", async () => {
    const { server, call, upstream } = testUpstream({ sharing: "shared" });
    for (let session = 0; session < 10; session++) {
      const { outcome } = call();
      await settle();
      server.connection(session).calls[0]?.fail(lost);
      await outcome;
    }
    call();
    await settle();
    expect(upstream.status()).toMatchObject({ state: "ready", restarts: 10 });
  });

  it("is opened once for many calls that lost it", async () => {
    const { server, call } = testUpstream({ sharing: "shared" });
    for (let calls = 0; calls < 10; calls++) call({}, { isIdempotent: true });
    await settle();
    for (const { fail } of server.connection(0).calls) fail(lost);
    await settle();
    expect(server.opened).toHaveLength(2);
    expect(server.connection(1).calls).toHaveLength(10);
  });
});
