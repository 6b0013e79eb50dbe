import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect } from "vitest";
import { childrenOf } from "../fixtures/children-of.ts";
import { fault, times } from "../fixtures/fault.ts";
import { childUpstream, type McpFaultSite, serveUpstreams, type Upstreams } from "../fixtures/mcp-fault-site.ts";
import { megabytes, measureHeap, until } from "../fixtures/resources.ts";
import { isRunning } from "../fixtures/stdio-peer.ts";
import { withinMs } from "../fixtures/time-limit.ts";

// Children that misbehave, seen by a client of the gateway. What one child does to its channel is tested
// in stdio.test.ts.

const timeoutMs = 300;
const slackMs = 200;
const quickRestart = { restart: { backoffMs: 50, maxBackoffMs: 400 } };

let site: McpFaultSite;

afterEach(() => site.close());

async function serve(upstreams: Upstreams): Promise<void> {
  site = await serveUpstreams(upstreams);
}

/** The id of the child that serves an upstream now. */
async function processOf(upstream: string): Promise<number> {
  return Number((await site.call(upstream, "process")).said);
}

/** Nothing of an upstream's children is left when the gateway has ended. */
async function closeWithoutTrace(): Promise<void> {
  await site.close();
  expect(await childrenOf()).toEqual([]);
}

describe("a child that is killed in the middle of calls", () => {
  fault(
    "ends them with its reason at once; the next call is served by another child",
    { limit: "<= 100 ms told, 0 calls lost after", isLinux: true, timeoutMs: 60_000 },
    async () => {
      await serve({ child: childUpstream() });
      let slowestMs = 0;
      // The fifth end within a minute is a crash loop, which is left alone for a while.
      for (let round = 0; round < 4; round += 1) {
        const id = await processOf("child");
        const calls = Array.from({ length: 8 }, () => site.call("child", "hold"));
        await until(() => site.statusOf("child").inFlight === 8, "all are under way");
        const begunAt = performance.now();
        process.kill(id, "SIGKILL");
        for (const { said, isError, status } of await Promise.all(calls)) {
          expect({ status, isError }).toEqual({ status: 200, isError: true });
          expect(said).toContain("was ended by SIGKILL");
        }
        slowestMs = Math.max(slowestMs, performance.now() - begunAt);
        expect(await site.call("child", "echo", { text: "again" })).toMatchObject({ said: "again", isError: false });
        expect(isRunning(id)).toBe(false);
      }
      expect(site.statusOf("child")).toMatchObject({ state: "ready", inFlight: 0, connections: 1, restarts: 4 });
      await closeWithoutTrace();
      expect(slowestMs).toBeLessThan(withinMs(100));
      return `32 calls told within ${slowestMs.toFixed(0)} ms, 0 processes left`;
    },
  );

  fault(
    "again and again is left alone for a while, fails fast meanwhile, and comes back by itself",
    { limit: "<= 5 starts, p99 <= 50 ms, back <= 400 ms + 500 ms", timeoutMs: 30_000 },
    async () => {
      await serve({ child: childUpstream(quickRestart), other: childUpstream() });
      for (let crash = 0; crash < 5; crash += 1) await site.call("child", "die", { code: 7 });
      const { restarts } = site.statusOf("child");
      expect(restarts).toBe(4);
      const begunAt = performance.now();
      const took: number[] = [];
      for (let call = 0; call < 50 && performance.now() - begunAt < 150; call += 1) {
        const { said, tookMs } = await site.call("child", "echo");
        expect(said).toMatch(/is down: .*exited with code 7.*It is tried again in \d+ s\./);
        took.push(tookMs);
      }
      expect(site.statusOf("child")).toMatchObject({ state: "failed", restarts, connections: 0 });
      expect(await site.call("other", "echo", { text: "fine" })).toMatchObject({ said: "fine" });
      await until(async () => !(await site.call("child", "echo")).isError, "it is back");
      const backMs = performance.now() - begunAt;
      await closeWithoutTrace();
      expect(Math.max(...took)).toBeLessThan(withinMs(50));
      expect(backMs).toBeLessThan(withinMs(400 + 500));
      return `5 starts, slowest of ${took.length} refusals ${Math.max(...took).toFixed(0)} ms, back after ${backMs.toFixed(0)} ms`;
    },
  );

  fault("takes what it has started along", { limit: "0 processes left", isLinux: true }, async () => {
    await serve({ child: childUpstream() });
    const grandchild = Number((await site.call("child", "fork")).said);
    expect(isRunning(grandchild)).toBe(true);
    expect((await site.call("child", "die", { code: 1 })).said).toContain("exited with code 1");
    await until(() => !isRunning(grandchild), "the grandchild is gone");
    await closeWithoutTrace();
    return "0 of 2 left";
  });
});

describe("a child that hangs", () => {
  fault(
    "costs each call its deadline and nobody else anything; it is exchanged for another one",
    { limit: `${timeoutMs} ms, +${slackMs} ms; others p99 <= 2x + 50 ms`, isLinux: true, timeoutMs: 30_000 },
    async () => {
      await serve({ hung: childUpstream({ timeoutMs, healthMs: 200 }), other: childUpstream() });
      const id = await processOf("hung");
      const count = times(200, 2_000);
      const calm = await site.measure(count, "other", "echo");
      process.kill(id, "SIGSTOP");
      const stoppedAt = performance.now();
      const calls = Array.from({ length: 20 }, () => site.call("hung", "echo"));
      const busy = await site.measure(count, "other", "echo");
      const took: number[] = [];
      for (const { said, tookMs } of await Promise.all(calls)) {
        expect(said).toContain("did not answer in time");
        took.push(tookMs);
      }
      expect(Math.min(...took)).toBeGreaterThan(timeoutMs - 5);
      expect(Math.max(...took)).toBeLessThan(withinMs(timeoutMs + slackMs));
      await until(async () => !(await site.call("hung", "echo")).isError, "another child serves");
      const exchangedMs = performance.now() - stoppedAt;
      expect(await processOf("hung")).not.toBe(id);
      await closeWithoutTrace();
      expect(busy).toBeLessThan(withinMs(2 * calm + 50));
      expect(exchangedMs).toBeLessThan(withinMs(timeoutMs + slackMs + 1_000));
      return `${Math.max(...took).toFixed(0)} ms; p99 of others ${calm.toFixed(0)} -> ${busy.toFixed(0)} ms; exchanged after ${exchangedMs.toFixed(0)} ms`;
    },
  );

  fault(
    "and reads nothing gets no more than 4 MB, and heap of what nobody reads is given back",
    { limit: "<= 4 MB pending + 1 call, then refused at once; heap +1 MB", isLinux: true, timeoutMs: 30_000 },
    async () => {
      await serve({ hung: childUpstream({ timeoutMs: 1_000, ...quickRestart }) });
      const id = await processOf("hung");
      const heap = await measureHeap();
      process.kill(id, "SIGSTOP");
      const text = "x".repeat(500_000);
      const calls = Array.from({ length: 30 }, () => site.call("hung", "echo", { text }));
      const answers = await Promise.all(calls);
      const refused = answers.filter(({ said }) => said.includes("does not read what it is sent"));
      expect(refused.length).toBeGreaterThanOrEqual(30 - 10);
      expect(answers.every(({ isError }) => isError)).toBe(true);
      expect(Math.max(...refused.map(({ tookMs }) => tookMs))).toBeLessThan(withinMs(1_000));
      process.kill(id, "SIGKILL");
      await until(async () => !(await site.call("hung", "echo")).isError, "another child serves");
      const grown = (await measureHeap()) - heap;
      await closeWithoutTrace();
      expect(grown).toBeLessThan(1_048_576);
      return `${30 - refused.length} of 30 calls of 0.5 MB taken, the others refused; heap ${megabytes(grown)}`;
    },
  );
});

describe("a child that floods", () => {
  fault(
    "its standard error or output is served on, and so are others",
    { limit: "0 lost; p99 of others <= 2x + 60 ms", timeoutMs: 60_000 },
    async () => {
      await serve({ flooding: childUpstream(), other: childUpstream() });
      const bytes = times(1_000_000, 50_000_000);
      const slowest: number[] = [];
      const calm = await site.measure(200, "other", "echo");
      for (const descriptor of [2, 1]) {
        const flood = site.call("flooding", "flood", { descriptor, bytes, line: "nobody wanted to know of this" });
        let isOver = false;
        const flooded = flood.then((called) => {
          isOver = true;
          return called;
        });
        while (!isOver) slowest.push(await site.measure(20, "other", "echo"));
        expect(await flooded).toMatchObject({ said: "flooded", isError: false });
      }
      await closeWithoutTrace();
      slowest.sort((a, b) => a - b);
      const p99 = slowest[Math.floor(slowest.length * 0.99)] ?? 0;
      expect(p99).toBeLessThan(withinMs(2 * calm + 60));
      return `2 of 2 answered after ${megabytes(bytes)} each; p99 of others ${calm.toFixed(0)} -> ${p99.toFixed(0)} ms`;
    },
  );

  fault("lines that are no messages loses no call", { limit: "0 lost, child kept" }, async () => {
    await serve({ child: childUpstream() });
    const id = await processOf("child");
    const count = times(20, 500);
    for (let round = 0; round < count; round += 1) {
      expect(await site.call("child", "babble")).toMatchObject({ said: "babbled", isError: false });
    }
    expect(await processOf("child")).toBe(id);
    return `0 of ${count}, the same child`;
  });

  fault(
    "with a message that is too large, or ends within one, is told of by its reason",
    { limit: "1 call lost each, heap +1 MB", timeoutMs: 30_000 },
    async () => {
      await serve({ child: childUpstream({ maxMessageBytes: 1_048_576 }) });
      expect(await site.call("child", "large", { bytes: 1_000_000 })).toMatchObject({ isError: false });
      const heap = await measureHeap();
      const { said } = await site.call("child", "large", { bytes: 50_000_000 });
      expect(said).toMatch(/more than the 1048576 bytes of `upstreams\.child\.maxMessageBytes`/);
      expect(await site.call("child", "echo", { text: "fine" })).toMatchObject({ said: "fine" });
      expect((await site.call("child", "mumble")).said).toContain("exited with code 1");
      expect(await site.call("child", "echo", { text: "fine" })).toMatchObject({ said: "fine" });
      const grown = (await measureHeap()) - heap;
      await closeWithoutTrace();
      expect(grown).toBeLessThan(1_048_576);
      return `1 call each; heap ${megabytes(grown)}`;
    },
  );
});

describe("a child that does not start", () => {
  fault(
    "is told of at once, tried seldom, listed as known, and served when it starts again",
    { limit: "<= 500 ms told, <= 1 start per wait; back <= 400 ms + 500 ms", isLinux: true, timeoutMs: 30_000 },
    async () => {
      const directory = await mkdtemp(join(tmpdir(), "passerelle-obstacle-"));
      const obstacle = join(directory, "obstacle");
      await serve({ child: childUpstream(quickRestart, [obstacle]) });
      expect((await site.call("child", "echo", { text: "up" })).said).toBe("up");
      await writeFile(obstacle, "");
      const first = await site.call("child", "die", { code: 1 });
      expect(first.isError).toBe(true);
      const begunAt = performance.now();
      const failed = await site.call("child", "echo");
      expect(failed.said).toMatch(/exited with code 3/);
      const fast = await site.call("child", "echo");
      expect(fast.isError).toBe(true);
      await rm(obstacle);
      await until(async () => !(await site.call("child", "echo")).isError, "it is back");
      const backMs = performance.now() - begunAt;
      await rm(directory, { recursive: true });
      await closeWithoutTrace();
      expect(failed.tookMs).toBeLessThan(withinMs(500));
      expect(backMs).toBeLessThan(withinMs(900 + failed.tookMs));
      return `told after ${failed.tookMs.toFixed(0)} ms, back after ${backMs.toFixed(0)} ms`;
    },
  );

  for (const [name, command, reason] of [
    ["because there is no such program", "/nowhere/at-all", /there is no program/],
    ["because it may not be executed", "/etc/passwd", /may not be executed/],
    ["because it says nothing and ends", "true", /exited with code 0/],
  ] as const) {
    fault(
      `${name} is told of at once, without a storm of starts`,
      { limit: "<= 1,000 ms, then <= 1,000 ms for 100" },
      async () => {
        await serve({ broken: { command, transport: "stdio" }, other: childUpstream() });
        const slow = await site.call("broken", "echo");
        expect(slow.isError).toBe(true);
        expect(site.statusOf("broken").lastError).toMatch(reason);
        const fast = await Promise.all(Array.from({ length: 100 }, () => site.call("broken", "echo")));
        const slowestMs = Math.max(...fast.map(({ tookMs }) => tookMs));
        expect(await site.call("other", "echo", { text: "fine" })).toMatchObject({ said: "fine" });
        await closeWithoutTrace();
        expect(slow.tookMs).toBeLessThan(withinMs(1_000));
        expect(slowestMs).toBeLessThan(withinMs(1_000));
        return `${slow.tookMs.toFixed(0)} ms, then ${slowestMs.toFixed(0)} ms for 100 at once`;
      },
    );
  }
});
