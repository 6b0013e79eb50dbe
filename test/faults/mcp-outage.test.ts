import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect } from "vitest";
import { echoListener, echoTool, localUpstream, toolCall } from "../fixtures/echo-document.ts";
import { fault, times } from "../fixtures/fault.ts";
import { openSession } from "../fixtures/legacy-session.ts";
import { startBackend } from "../fixtures/local-backend.ts";
import { FaultServer } from "../fixtures/mcp-fault-server.ts";
import { childUpstream, httpUpstream, type McpFaultSite, serveUpstreams } from "../fixtures/mcp-fault-site.ts";
import { until } from "../fixtures/resources.ts";
import { type ServedFolder, serveDocuments } from "../fixtures/served-folder.ts";
import { withinMs } from "../fixtures/time-limit.ts";

// Upstreams that are away for a while, and what that means for the others.

const quick = { restart: { backoffMs: 100, maxBackoffMs: 400 } };

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function server(era: "legacy" | "modern" = "legacy"): Promise<FaultServer> {
  const opened = await FaultServer.open({ era });
  closing.push(() => opened.close());
  return opened;
}

async function serve(upstreams: Parameters<typeof serveUpstreams>[0]): Promise<McpFaultSite> {
  const site = await serveUpstreams(upstreams);
  closing.push(() => site.close());
  return site;
}

/** One server in front of a REST API and several MCP servers. */
async function serveTogether(upstreams: Readonly<Record<string, object>>): Promise<ServedFolder> {
  const backend = await startBackend(echoListener);
  closing.push(() => backend.close());
  const mcp = Object.entries(upstreams).map(([name, config]) => [name, { kind: "mcp", sharing: "shared", ...config }]);
  const folder = await serveDocuments({
    "all.json": {
      name: "all",
      routes: [{ prefix: "/all", access: "public" }],
      upstreams: { api: localUpstream(backend.url), ...(Object.fromEntries(mcp) as object) },
      expose: Object.keys(upstreams).map((upstream) => ({ upstream })),
      tools: [echoTool],
    },
  });
  closing.push(() => folder.close());
  return folder;
}

describe("upstreams that are down", () => {
  fault(
    "hide none of the others: what was known stays listed, or is left out by choice, and calls say why",
    { limit: "list <= 1 s, calls <= 500 ms each, others served", timeoutMs: 30_000 },
    async () => {
      const directory = await mkdtemp(join(tmpdir(), "passerelle-obstacle-"));
      closing.push(() => rm(directory, { recursive: true }));
      const obstacle = join(directory, "obstacle");
      const [up, absent, hidden] = [await server(), await server(), await server()];
      await absent.stop();
      const folder = await serveTogether({
        up: httpUpstream(up.url),
        absent: httpUpstream(absent.url, quick),
        hidden: httpUpstream(hidden.url, { ...quick, whenDown: "hide" }),
        child: childUpstream({ restart: { backoffMs: 60_000, maxBackoffMs: 60_000 } }, [obstacle]),
      });
      const session = await openSession(`${folder.url}/all/mcp`, "2025-11-25");
      const list = async (): Promise<readonly string[]> => {
        const { result } = (await session.post({ jsonrpc: "2.0", id: 1, method: "tools/list" })).json() as {
          readonly result: { readonly tools: readonly { readonly name: string }[] };
        };
        return result.tools.map(({ name }) => name);
      };
      const call = async (name: string, args = {}): Promise<{ readonly text: string; readonly tookMs: number }> => {
        const begunAt = performance.now();
        const { text } = await session.post(toolCall(name, args));
        return { text, tookMs: performance.now() - begunAt };
      };
      const listedAt = performance.now();
      const atFirst = await list();
      const listMs = performance.now() - listedAt;
      expect(atFirst).toEqual(expect.arrayContaining(["echo", "up_run", "hidden_run", "child_echo"]));
      expect(atFirst).not.toContain("absent_run");

      await writeFile(obstacle, "");
      await hidden.stop();
      await call("child_die", { code: 1 });
      await call("child_echo");
      await until(
        async () => !(await list()).includes("hidden_run") || (await call("hidden_run")).text === "",
        "hidden is left out",
      );
      const later = await list();
      expect(later).toEqual(expect.arrayContaining(["echo", "up_run", "child_echo"]));
      const told = [
        [await call("child_echo"), /The upstream `child` is down: .*exited with code 3/],
        [await call("absent_run"), /What `absent` offers is not known: .*refused the connection/],
        [await call("hidden_run"), /Unknown tool|is down|refused/],
      ] as const;
      for (const [{ text }, reason] of told) expect(text).toMatch(reason);
      expect((await call("up_run", { text: "fine" })).text).toContain('"fine"');
      expect((await call("echo", { text: "fine" })).text).toContain("fine");

      await absent.start();
      await hidden.start();
      await until(async () => {
        const names = await list();
        return names.includes("absent_run") && names.includes("hidden_run");
      }, "both are listed");
      const slowestMs = Math.max(...told.map(([{ tookMs }]) => tookMs));
      expect(listMs).toBeLessThan(withinMs(1_000));
      expect(slowestMs).toBeLessThan(withinMs(500));
      return `listed after ${listMs.toFixed(0)} ms, told within ${slowestMs.toFixed(0)} ms, all back`;
    },
  );
});

describe.each(["legacy", "modern"] as const)("an upstream (%s) that flaps", (era) => {
  fault(
    "is tried seldom, refused at once meanwhile, served when it is there; others are unaffected",
    { limit: "<= 20 tries/s, p99 <= 50 ms, back <= 400 ms + 500 ms", timeoutMs: 120_000 },
    async () => {
      const [flapping, steady] = [await server(era), await server()];
      const site = await serve({
        flapping: httpUpstream(flapping.url, { ...quick, era }),
        steady: httpUpstream(steady.url),
      });
      const refusals: number[] = [];
      const others: number[] = [];
      let backMs = 0;
      let mostTries = 0;
      const rounds = times(2, 20);
      for (let round = 0; round < rounds; round += 1) {
        await until(async () => !(await site.call("flapping", "run")).isError, "it serves");
        await flapping.stop();
        // The first call finds out; what is asked then settles whether the server is gone.
        await until(
          async () => (await site.call("flapping", "run")).said.includes("is down"),
          "it is known to be down",
        );
        const downAt = performance.now();
        const { failures } = site.statusOf("flapping").urls?.[0] ?? { failures: 0 };
        while (performance.now() - downAt < 500) {
          const { isError, tookMs } = await site.call("flapping", "run");
          expect(isError).toBe(true);
          refusals.push(tookMs);
          const other = await site.call("steady", "run", { text: "fine" });
          expect(other.said).toBe("fine");
          others.push(other.tookMs);
        }
        mostTries = Math.max(mostTries, (site.statusOf("flapping").urls?.[0]?.failures ?? 0) - failures);
        await flapping.start();
        const upAt = performance.now();
        await until(async () => !(await site.call("flapping", "run")).isError, "it is back");
        backMs = Math.max(backMs, performance.now() - upAt);
      }
      const p99 = percentile(refusals);
      expect(mostTries).toBeLessThanOrEqual(10);
      expect(p99).toBeLessThan(withinMs(50));
      expect(percentile(others)).toBeLessThan(withinMs(100));
      expect(backMs).toBeLessThan(withinMs(900));
      return `${mostTries} tries in 0.5 s for ${refusals.length} calls, p99 ${p99.toFixed(1)} ms, others ${percentile(others).toFixed(1)} ms, back after ${backMs.toFixed(0)} ms`;
    },
  );

  fault(
    "with several URLs is served by those that are up",
    { limit: "0 lost after the first failure", timeoutMs: 60_000 },
    async () => {
      const [one, two] = [await server(era), await server(era)];
      const site = await serve({ pair: httpUpstream(one.url, { ...quick, era, replicas: [two.url] }) });
      const rounds = times(3, 20);
      let slowestMs = 0;
      for (let round = 0; round < rounds; round += 1) {
        await site.call("pair", "run");
        const [gone, left] = round % 2 === 0 ? [one, two] : [two, one];
        await gone.stop();
        const goneAt = performance.now();
        await until(async () => !(await site.call("pair", "run")).isError, "the other one serves");
        slowestMs = Math.max(slowestMs, performance.now() - goneAt);
        const { calls } = left;
        for (let call = 0; call < 20; call += 1)
          expect(await site.call("pair", "run")).toMatchObject({ isError: false });
        expect(left.calls).toBe(calls + 20);
        await gone.start();
      }
      expect(slowestMs).toBeLessThan(withinMs(2_500));
      return `0 of ${rounds * 20}; the other one serves after ${slowestMs.toFixed(0)} ms`;
    },
  );
});

function percentile(took: number[]): number {
  return took.sort((a, b) => a - b)[Math.floor(took.length * 0.99)] ?? 0;
}
