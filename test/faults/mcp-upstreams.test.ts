import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect } from "vitest";
import { AppError } from "../../src/core/errors.ts";
import { anonymous } from "../../src/core/principal.ts";
import type { McpReply } from "../../src/upstreams/mcp/mcp-request.ts";
import { fault, times } from "../fixtures/fault.ts";
import { type LocalMcpUpstream, openMcpUpstream, toolCall } from "../fixtures/mcp-upstream-fixture.ts";
import { RecordedCall } from "../fixtures/recorded-call.ts";
import { isRunning } from "../fixtures/stdio-peer.ts";
import { withinMs } from "../fixtures/time-limit.ts";

const trivialChild = fileURLToPath(new URL("../../bench/programs/trivial-child.sh", import.meta.url));

/** Tells its process id, or does not answer. */
const child = `
const answer = (id, result) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, result }) + "\\n");
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const serverInfo = { name: "child", version: "1.0.0" };
  if (method === "initialize") {
    answer(id, { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo });
  } else if (method === "tools/list") {
    answer(id, { tools: [{ name: "pid" + process.pid, inputSchema: { type: "object" } }] });
  } else if (method === "ping") {
    answer(id, {});
  } else if (params?.name === "pid") {
    answer(id, { content: [], structuredContent: { pid: process.pid } });
  }
});`;

const program = { command: process.execPath, args: ["-e", child.replaceAll("${", "$${")], era: "legacy" };

let opened: LocalMcpUpstream[] = [];

function open(config: Readonly<Record<string, unknown>>): LocalMcpUpstream {
  const local = openMcpUpstream(config);
  opened.push(local);
  return local;
}

afterEach(async () => {
  await Promise.all(opened.map(({ upstream }) => upstream.close(0)));
  opened = [];
});

async function pidOf(reply: Promise<McpReply>): Promise<number> {
  const answered = await reply;
  const structured = answered.kind === "result" ? answered.value["structuredContent"] : undefined;
  return Number(structured !== undefined && Object(structured).pid);
}

describe("children behind MCP upstreams", () => {
  fault(
    "that are killed in mid-call fail the call at once, and the next call has another child",
    { limit: "<= 100 ms", isLinux: true },
    async () => {
      const { upstream } = open({ ...program, sharing: "shared" });
      const first = await pidOf(upstream.request(toolCall("pid"), new RecordedCall()));
      const stuck = upstream.request(toolCall("hang"), new RecordedCall()).catch((error: unknown) => error);
      const killedAt = performance.now();
      process.kill(first, "SIGKILL");
      const error = await stuck;
      const tookMs = performance.now() - killedAt;
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ code: "upstream_failed", message: expect.stringContaining("SIGKILL") });
      expect(tookMs).toBeLessThan(withinMs(100));
      const second = await pidOf(upstream.request(toolCall("pid"), new RecordedCall()));
      expect(second).not.toBe(first);
      expect(isRunning(second)).toBe(true);
      return `${Math.round(tookMs)} ms`;
    },
  );

  fault("that hang let the call end at its deadline", { limit: "deadline + 100 ms", isLinux: true }, async () => {
    const { upstream } = open({ ...program, sharing: "shared" });
    const pid = await pidOf(upstream.request(toolCall("pid"), new RecordedCall()));
    process.kill(pid, "SIGSTOP");
    const startedAt = performance.now();
    await expect(upstream.request(toolCall("pid"), new RecordedCall({ timeoutMs: 300 }))).rejects.toMatchObject({
      code: "timed_out",
    });
    const lateMs = performance.now() - startedAt - 300;
    expect(lateMs).toBeLessThan(withinMs(100));
    process.kill(pid, "SIGCONT");
    return `deadline + ${Math.round(lateMs)} ms`;
  });

  fault("that hang are replaced when somebody relies on them", { limit: "<= 2 s", isLinux: true }, async () => {
    const local = open({ ...program, sharing: "shared", healthMs: 200 });
    const { upstream } = local;
    const { tools } = await upstream.listed(anonymous);
    const pid = await pidOf(upstream.request(toolCall("pid"), new RecordedCall()));
    const startedAt = performance.now();
    process.kill(pid, "SIGSTOP");
    const changed = local.changed();
    upstream.watch({ principal: anonymous, sessionId: undefined }, undefined);
    await changed;
    const tookMs = performance.now() - startedAt;
    expect(isRunning(pid)).toBe(false);
    expect(upstream.catalogue(anonymous).tools).not.toEqual(tools);
    expect(tookMs).toBeLessThan(withinMs(2_000));
    return `${Math.round(tookMs)} ms`;
  });

  fault("that nobody uses end", { limit: "0 processes", isLinux: true }, async () => {
    const { upstream } = open({ ...program, sharing: "shared", idleMs: 100 });
    const pid = await pidOf(upstream.request(toolCall("pid"), new RecordedCall()));
    await expect.poll(() => isRunning(pid), { timeout: 5_000 }).toBe(false);
    expect(upstream.status()).toMatchObject({ state: "idle", lastError: undefined });
    return "0 processes";
  });

  fault(
    "that cannot be started fail calls at once instead of being started for each",
    { limit: "<= 50 ms, 1 attempt", isLinux: true },
    async () => {
      const { upstream } = open({ command: "/no/such/program", sharing: "shared", restart: { backoffMs: 60_000 } });
      const startedAt = performance.now();
      const outcomes = await Promise.allSettled(
        Array.from({ length: 50 }, () => upstream.request(toolCall("pid"), new RecordedCall())),
      );
      const tookMs = performance.now() - startedAt;
      const messages = outcomes.map((outcome) => (outcome.status === "rejected" ? String(outcome.reason) : ""));
      expect(new Set(messages).size).toBe(1);
      expect(messages[0]).toContain("/no/such/program");
      expect(tookMs).toBeLessThan(withinMs(50));
      return `${Math.round(tookMs)} ms`;
    },
  );

  fault(
    "of a thousand sessions start, answer and end, each for its own session alone",
    { limit: "0 failed, 0 processes left", isLinux: true, timeoutMs: 300_000 },
    async () => {
      const sessions = times(40, 1_000);
      const local = open({ command: "/bin/sh", args: [trivialChild], era: "legacy", sharing: "per-session" });
      const { upstream } = local;
      const ids = Array.from({ length: sessions }, (_, index) => `session${index}`);
      const replies = await Promise.all(
        ids.map((sessionId) =>
          upstream.request(toolCall("get_user"), new RecordedCall({ sessionId, timeoutMs: 200_000 })),
        ),
      );
      expect(replies.filter(({ kind }) => kind !== "result")).toEqual([]);
      expect(upstream.status().connections).toBe(sessions);
      expect(new Set(local.processIds()).size).toBe(sessions);
      for (const id of ids.slice(0, sessions / 2)) upstream.sessionEnded(id);
      await upstream.close();
      const left = local.processIds().filter(isRunning);
      expect(left).toEqual([]);
      expect(upstream.status().connections).toBe(0);
      return `0 of ${sessions} failed, ${left.length} processes left`;
    },
  );
});
