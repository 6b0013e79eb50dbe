import { afterEach, describe, expect } from "vitest";
import { fault, times } from "../fixtures/fault.ts";
import { httpUpstream, type McpFaultSite, serveUpstreams } from "../fixtures/mcp-fault-site.ts";
import { until } from "../fixtures/resources.ts";
import { openRelay, type TcpRelay } from "../fixtures/tcp-relay.ts";
import { matrixServer } from "../fixtures/upstreams/matrix-server.ts";
import { type ListeningFixture, serveHttp, serveSse } from "../fixtures/upstreams/serve-fixture.ts";
import { withinMs } from "../fixtures/time-limit.ts";

// Connections that die without a word (a cable, a firewall that forgets), and such that are cut: to servers of
// the official SDKs, whose streams stay open.

const timeoutMs = 300;
const healthMs = 300;

const kinds = {
  sse: { serve: () => serveSse(matrixServer(), "2024-11-05"), transport: "sse", era: "legacy" },
  legacy: { serve: () => serveHttp(matrixServer(), "2025-11-25"), transport: "streamable-http", era: "legacy" },
  modern: { serve: () => serveHttp(matrixServer(), "2026-07-28"), transport: "streamable-http", era: "modern" },
} as const;

let site: McpFaultSite;
let listening: ListeningFixture;
let relay: TcpRelay;

afterEach(async () => {
  await site.close();
  await relay.close();
  await listening.close();
});

/** Serves an SDK's server over the relay, and uses it once. */
async function serve(kind: keyof typeof kinds): Promise<void> {
  const { serve, transport, era } = kinds[kind];
  listening = await serve();
  const url = new URL(listening.url);
  relay = await openRelay(Number(url.port));
  url.port = String(relay.port);
  const restart = { backoffMs: 50, maxBackoffMs: 200 };
  site = await serveUpstreams({
    served: httpUpstream(url.href, { transport, era, timeoutMs, healthMs, restart, eager: true }),
  });
  expect(await call()).toBe("matrix");
}

async function call(): Promise<string> {
  return (await site.call("served", "echo", { text: "matrix" })).said;
}

describe.each(Object.keys(kinds) as (keyof typeof kinds)[])("connections to a server (%s)", (kind) => {
  fault(
    "that die without a word cost calls their deadline; then there are others",
    // A server that has answered is believed for a second, and idle sockets are as dead as the others.
    { limit: "<= 5 calls of 300 ms, back <= 2,500 ms", timeoutMs: 60_000 },
    async () => {
      await serve(kind);
      let lost = 0;
      let slowestMs = 0;
      const rounds = times(1, 4);
      for (let round = 0; round < rounds; round += 1) {
        relay.freeze();
        const frozenAt = performance.now();
        await until(async () => {
          const said = await call();
          if (said !== "matrix") lost += 1;
          return said === "matrix";
        }, "it serves again");
        slowestMs = Math.max(slowestMs, performance.now() - frozenAt);
      }
      // Those that are dead are told of nothing, not even that they are closed.
      relay.cut();
      await site.close();
      await until(() => relay.connections() === 0, "the connections are closed");
      expect(lost).toBeLessThanOrEqual(5 * rounds);
      expect(slowestMs).toBeLessThan(withinMs(2_500));
      return `${lost} calls in ${rounds} rounds, back after ${slowestMs.toFixed(0)} ms, 0 connections`;
    },
  );

  fault(
    "that are cut are made again by themselves",
    { limit: "<= 1 call lost each, back <= 500 ms", timeoutMs: 60_000 },
    async () => {
      await serve(kind);
      let lost = 0;
      let slowestMs = 0;
      // The fifth break within a minute is a crash loop, which is left alone for a while.
      for (let round = 0; round < 4; round += 1) {
        relay.cut();
        const cutAt = performance.now();
        await until(async () => {
          const said = await call();
          if (said !== "matrix") lost += 1;
          return said === "matrix";
        }, "it serves again");
        slowestMs = Math.max(slowestMs, performance.now() - cutAt);
      }
      expect(lost).toBeLessThanOrEqual(4);
      expect(slowestMs).toBeLessThan(withinMs(500));
      return `${lost} of 4 calls, back after ${slowestMs.toFixed(0)} ms`;
    },
  );
});
