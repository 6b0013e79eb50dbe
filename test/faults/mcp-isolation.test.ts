import { afterEach, describe, expect } from "vitest";
import { toolCall } from "../fixtures/echo-document.ts";
import { fault, times } from "../fixtures/fault.ts";
import { repeat } from "../fixtures/keep-alive-client.ts";
import { openSession } from "../fixtures/legacy-session.ts";
import { beginEvents, type FaultCall, FaultServer, type FaultServerOptions } from "../fixtures/mcp-fault-server.ts";
import {
  childUpstream,
  httpUpstream,
  type McpFaultSite,
  serveUpstreams,
  type Upstreams,
} from "../fixtures/mcp-fault-site.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { sendAndLeave } from "../fixtures/raw-http.ts";
import { measureHeap, megabytes, until } from "../fixtures/resources.ts";
import { withinMs } from "../fixtures/time-limit.ts";

// Many clients behind one MCP server: nothing of one reaches another, and nothing is left of those who went away.

let site: McpFaultSite;
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await site.close();
  for (const close of closing.splice(0)) await close();
});

async function server(options: FaultServerOptions = {}): Promise<FaultServer> {
  const opened = await FaultServer.open(options);
  closing.push(() => opened.close());
  return opened;
}

async function serve(upstreams: Upstreams): Promise<void> {
  site = await serveUpstreams(upstreams);
}

/** Answers in another order than calls come in. */
function shuffle(): (call: FaultCall) => void {
  const waiting: (() => void)[] = [];
  return ({ args, answer }) => {
    waiting.push(() => answer(args["text"] ?? ""));
    if (waiting.length === 1)
      setImmediate(() =>
        waiting
          .splice(0)
          .toReversed()
          .forEach((tell) => tell()),
      );
  };
}

describe("calls of many clients with the same id", () => {
  fault(
    "on one shared connection get their own answers, in each era and over pipes",
    { limit: "0 swapped", timeoutMs: 120_000 },
    async () => {
      const legacy = await server({ onCall: shuffle() });
      const modern = await server({ era: "modern", onCall: shuffle() });
      await serve({
        legacy: httpUpstream(legacy.url, { maxConcurrency: 1_000 }),
        modern: httpUpstream(modern.url, { era: "modern", maxConcurrency: 1_000 }),
        child: childUpstream({ maxConcurrency: 1_000 }),
      });
      const count = times(600, 10_000);
      let swapped = 0;
      for (const [name, tool] of [
        ["legacy", "run"],
        ["modern", "run"],
        ["child", "echo"],
      ] as const) {
        const url = `${site.folder.url}/${name}/mcp`;
        const sessions = await Promise.all(Array.from({ length: 20 }, () => openSession(url, "2025-11-25")));
        await repeat(count, 200, async (i) => {
          const text = `${name} ${i}`;
          const session = sessions[i % 40];
          const said =
            session === undefined
              ? (await site.call(name, tool, { text }, { id: "same" })).text
              : (
                  await site.client.send(url, {
                    headers: { "mcp-session-id": session.id, "mcp-protocol-version": "2025-11-25" },
                    body: toolCall(tool, { text }, "same"),
                  })
                ).text;
          if (!said.includes('"id":"same"') || !said.includes(`"${text}"`)) swapped += 1;
        });
        expect(site.statusOf(name)).toMatchObject({ inFlight: 0, connections: 1 });
      }
      expect(swapped).toBe(0);
      expect(legacy.greetings).toBe(1);
      return `0 of ${3 * count}, over 1 connection each`;
    },
  );

  fault(
    "with a session each at the server never meet another one's",
    { limit: "200 clients, 0 crossed, 0 sessions left", timeoutMs: 60_000 },
    async () => {
      const owners = new Map<string, Set<string>>();
      const sharing = await server({
        onCall: ({ args, request, answer }) => {
          const id = String(request.headers["mcp-session-id"]);
          const seen = owners.get(id) ?? new Set();
          owners.set(id, seen.add(args["client"] ?? ""));
          answer(args["client"] ?? "");
        },
      });
      await serve({ own: httpUpstream(sharing.url, { sharing: "per-session" }) });
      const url = `${site.folder.url}/own/mcp`;
      const sessions = await Promise.all(Array.from({ length: 200 }, () => openSession(url, "2025-11-25")));
      let wrong = 0;
      await repeat(200 * times(5, 50), 200, async (i) => {
        const client = `client-${i % 200}`;
        const answer = await sessions[i % 200]?.post(toolCall("run", { client }));
        if (answer?.text.includes(`"${client}"`) !== true) wrong += 1;
      });
      expect(wrong).toBe(0);
      expect(owners.size).toBe(200);
      for (const seen of owners.values()) expect(seen.size).toBe(1);
      await Promise.all(sessions.map((session) => session.end()));
      // One is the gateway's own, which listed the tools.
      await sharing.until(() => sharing.sessions.size <= 1);
      expect(site.status()["sessions"]).toBe(0);
      return "200 clients, 200 sessions, 0 crossed, 0 left";
    },
  );
});

describe("calls that their clients give up", () => {
  for (const [name, tool] of [
    ["legacy", "run"],
    ["modern", "run"],
    ["child", "hold"],
  ] as const) {
    fault(
      `at a server (${name}) are cancelled there and leave nothing`,
      { limit: "all cancelled, 0 under way, heap +1 MB", timeoutMs: 120_000 },
      async () => {
        let closed = 0;
        let highestId = 0;
        const hanging = await server({
          era: name === "modern" ? "modern" : "legacy",
          onCall: ({ response }) => {
            response.once("close", () => (closed += 1));
          },
        });
        const upstream =
          name === "child" ? childUpstream() : httpUpstream(hanging.url, { era: name, connections: 128 });
        await serve({ [name]: upstream });
        const url = `${site.folder.url}/${name}/mcp`;
        const wave = async (): Promise<void> => {
          const leave = Array.from({ length: 100 }, () =>
            sendAndLeave(url, modernRequest("tools/call", { params: { name: tool } })),
          );
          await until(() => inFlight(name) === 100, "all are under way");
          if (name !== "child") await hanging.until(() => hanging.calls % 100 === 0);
          for (const hangUp of leave) hangUp();
          await until(() => inFlight(name) === 0, "none is under way");
          if (name !== "legacy") return;
          await hanging.until(() => hanging.cancelled.length === 100);
          // What this end remembers is not to be measured.
          const ids = hanging.cancelled.splice(0).map(({ requestId }) => Number(requestId));
          expect(new Set(ids).size).toBe(100);
          expect(Math.min(...ids)).toBeGreaterThan(highestId);
          highestId = Math.max(...ids);
        };
        await wave();
        await wave(); // warm
        const heap = await measureHeap();
        const waves = times(2, 100);
        for (let round = 0; round < waves; round += 1) await wave();
        const grown = (await measureHeap()) - heap;
        const count = (waves + 2) * 100;
        if (name === "modern") await until(() => closed === count, "the server has seen all ends");
        if (name === "child") expect((await site.call("child", "cancelled")).said).toBe(String(count));
        expect(grown).toBeLessThan(1_048_576);
        return `${count} of ${count}, 0 under way, heap ${megabytes(grown)}`;
      },
    );
  }
});

function inFlight(name: string): number {
  const upstreams = site.status()["upstreams"] as readonly { readonly upstream: string; readonly inFlight: number }[]; // as GET /status shows them
  return upstreams.find(({ upstream }) => upstream === name)?.inFlight ?? -1;
}

describe("questions of a server", () => {
  fault(
    "outside any call are refused, and reach nobody",
    { limit: "refused at once, 0 asked", timeoutMs: 30_000 },
    async () => {
      await serve({ child: childUpstream() });
      const url = `${site.folder.url}/child/mcp`;
      const session = await openSession(url, "2025-11-25", { sampling: {}, roots: {} });
      const stream = await session.listen();
      const count = times(20, 500);
      for (let round = 0; round < count; round += 1) {
        await session.post(toolCall("ask_later", { key: `k${round}` }));
        const [sampling, roots] = await Promise.all([
          site.call("child", "answered", { key: `k${round}-sampling` }),
          site.call("child", "answered", { key: `k${round}-roots` }),
        ]);
        expect(JSON.parse(sampling.said)).toMatchObject({ error: { code: -32_601 } });
        expect(JSON.parse(roots.said)).toMatchObject({ result: { roots: [] } });
      }
      stream.close();
      const heard: unknown[] = [];
      for (let event = await stream.next(); event !== undefined; event = await stream.next()) heard.push(event.data);
      expect(heard.filter((data) => String(data).includes("method"))).toEqual([]);
      return `${2 * count} refused, 0 asked`;
    },
  );

  fault(
    "that nobody comes back for end at their limit, at both ends",
    { limit: "inputTimeoutMs 300 ms, +500 ms; 0 parked, heap +1 MB", timeoutMs: 60_000 },
    async () => {
      const asking = await server({
        onCall: ({ id, response }) => {
          beginEvents(response);
          const params = { message: "Well?", requestedSchema: { type: "object", properties: {} } };
          const question = { jsonrpc: "2.0", id: `q-${id}`, method: "elicitation/create", params };
          response.write(`data: ${JSON.stringify(question)}\n\n`);
        },
      });
      await serve({ asking: httpUpstream(asking.url, { inputTimeoutMs: 300, maxConcurrency: 1_000 }) });
      const meta = { "io.modelcontextprotocol/clientCapabilities": { elicitation: {} } };
      const count = 200;
      let slowestMs = 0;
      const wave = async (expected: number): Promise<void> => {
        const answers = await Promise.all(
          Array.from({ length: count }, () => site.call("asking", "run", {}, { meta })),
        );
        for (const { text } of answers) expect(text).toContain("input_required");
        const parkedAt = performance.now();
        await until(() => site.status()["parked"] === 0, "none is parked");
        slowestMs = Math.max(slowestMs, performance.now() - parkedAt);
        await asking.until(() => asking.answered.length === expected && asking.cancelled.length === expected);
      };
      await wave(count); // warm
      const heap = await measureHeap();
      await wave(2 * count);
      const grown = (await measureHeap()) - heap;
      expect(asking.answered.at(-1)).toMatchObject({ result: { action: "cancel" } });
      expect(site.statusOf("asking")).toMatchObject({ inFlight: 0, state: "ready" });
      expect(site.status()["pendingInput"]).toBe(0);
      await until(() => asking.sockets.size <= 70, "the streams are closed");
      expect(slowestMs).toBeLessThan(withinMs(800));
      expect(grown).toBeLessThan(1_048_576);
      return `${2 * count} answered with cancel and taken back, last ${slowestMs.toFixed(0)} ms after the question; heap ${megabytes(grown)}`;
    },
  );
});
