import type { ServerResponse } from "node:http";
import { afterEach, describe, expect } from "vitest";
import { fault, times } from "../fixtures/fault.ts";
import { openSession } from "../fixtures/legacy-session.ts";
import { beginEvents, FaultServer } from "../fixtures/mcp-fault-server.ts";
import { httpUpstream, type McpFaultSite, serveUpstreams } from "../fixtures/mcp-fault-site.ts";
import { withinMs } from "../fixtures/time-limit.ts";

let site: McpFaultSite;
let server: FaultServer;

afterEach(async () => {
  await site.close();
  await server.close();
});

describe("the stream of a server that belongs to no call", () => {
  fault(
    "when it breaks is opened again, and what changed meanwhile is heard of",
    { limit: "0 changes missed, <= 2,000 ms each, 1 session", timeoutMs: 60_000 },
    async () => {
      let edition = 0;
      const streams: ServerResponse[] = [];
      server = await FaultServer.open({
        tools: () => ["run", `edition_${edition}`],
        onStream: (_, response) => {
          streams.push(response);
          beginEvents(response);
          response.write('data: {"jsonrpc":"2.0","method":"notifications/vendor/hello"}\n\n');
        },
      });
      site = await serveUpstreams({ streaming: httpUpstream(server.url) });
      const session = await openSession(`${site.folder.url}/streaming/mcp`, "2025-11-25");
      const list = async (): Promise<string> =>
        (await session.post({ jsonrpc: "2.0", id: 1, method: "tools/list" })).text;
      expect(await list()).toContain("edition_0");
      const heard = await session.listen();
      await server.until(() => streams.length === 1);
      const rounds = times(2, 20);
      let slowestMs = 0;
      for (let round = 1; round <= rounds; round += 1) {
        edition = round;
        const changedAt = performance.now();
        // Half are ended in order, half are torn; nobody is told of the change.
        const stream = streams.at(-1);
        if (round % 2 === 0) stream?.end();
        else stream?.socket?.resetAndDestroy();
        while (!JSON.stringify(await heard.message()).includes("notifications/tools/list_changed"));
        expect(await list()).toContain(`edition_${round}`);
        slowestMs = Math.max(slowestMs, performance.now() - changedAt);
      }
      heard.close();
      expect(server.greetings).toBe(1);
      expect(streams.length).toBeLessThanOrEqual(rounds + 1);
      expect(slowestMs).toBeLessThan(withinMs(2_000));
      return `0 of ${rounds} missed, slowest ${slowestMs.toFixed(0)} ms`;
    },
  );
});
