import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { childrenOf } from "../fixtures/children-of.ts";
import { fault, times } from "../fixtures/fault.ts";
import { type GatewayProcess, startGatewayProcess } from "../fixtures/gateway-process.ts";
import { type KeepAliveClient, openClient, repeat } from "../fixtures/keep-alive-client.ts";
import { type LegacySession, openSession } from "../fixtures/legacy-session.ts";
import { toolCall } from "../fixtures/echo-document.ts";
import { callTool, type Called, childUpstream, documentOf } from "../fixtures/mcp-fault-site.ts";
import { megabytes, residentBytes, until } from "../fixtures/resources.ts";
import { createDocumentFolder, type DocumentFolder } from "../fixtures/served-folder.ts";
import { isRunning } from "../fixtures/stdio-peer.ts";
import { withinMs } from "../fixtures/time-limit.ts";

// The gateway is a process of its own here: it is killed, ended and measured together with its children.

let folder: DocumentFolder;
let gateway: GatewayProcess;
let client: KeepAliveClient;

beforeEach(async () => {
  folder = await createDocumentFolder({
    "shared.json": documentOf("shared", childUpstream()),
    "own.json": documentOf("own", childUpstream({ sharing: "per-session" })),
  });
  client = openClient(64);
});

afterEach(async () => {
  client.close();
  await gateway.close();
  await folder.close();
});

async function start(): Promise<number> {
  gateway = await startGatewayProcess(folder.path, "tested");
  return gateway.child.pid ?? 0;
}

function call(tool: string, args?: object): Promise<Called> {
  return callTool(client, `${gateway.url}/shared/mcp`, tool, args);
}

async function openOwn(): Promise<LegacySession> {
  const session = await openSession(`${gateway.url}/own/mcp`, "2025-11-25");
  expect((await session.post(toolCall("echo", { text: "mine" }))).text).toContain("mine");
  return session;
}

describe("a gateway with children", () => {
  fault(
    "that is killed leaves none behind after the next start",
    { limit: "0 orphans <= 5 s after the next start", isLinux: true, timeoutMs: 60_000 },
    async () => {
      const killed = await start();
      await openOwn();
      const stubborn = Number((await call("fork", { isStubborn: true })).said);
      const before = await childrenOf(killed);
      expect(before.length).toBeGreaterThanOrEqual(3);
      gateway.child.kill("SIGKILL");
      await gateway.ended;
      // Those that read their input end with it; the stubborn one does not.
      await until(async () => (await childrenOf(killed)).length === 1, "the polite ones have ended");
      expect(isRunning(stubborn)).toBe(true);
      client.close();
      client = openClient(64);
      const begunAt = performance.now();
      await start();
      expect(await call("echo", { text: "again" })).toMatchObject({ said: "again" });
      await until(async () => (await childrenOf(killed)).length === 0, "the stubborn one has ended");
      const tookMs = performance.now() - begunAt;
      expect(tookMs).toBeLessThan(withinMs(15_000));
      return `0 of ${before.length} left ${(tookMs / 1_000).toFixed(1)} s after the next start began`;
    },
  );

  fault(
    "that is ended under load loses no call and leaves no process",
    { limit: "0 lost, exit 0 <= 6 s, 0 processes", isLinux: true, timeoutMs: 120_000 },
    async () => {
      const rounds = times(2, 10);
      const tally = { served: 0, refused: 0, lost: [] as string[] };
      let longestMs = 0;
      for (let round = 0; round < rounds; round += 1) {
        const id = await start();
        await openOwn();
        await call("echo", { text: "warm" });
        const { served } = tally;
        const load = Promise.all(Array.from({ length: 16 }, (_, caller) => callUntilRefused(caller, tally)));
        await until(() => tally.served > served + 200, "the load flows");
        const begunAt = performance.now();
        gateway.child.kill("SIGTERM");
        expect(await gateway.ended).toBe(0);
        longestMs = Math.max(longestMs, performance.now() - begunAt);
        await load;
        expect(await childrenOf(id)).toEqual([]);
        client.close();
        client = openClient(64);
      }
      expect(tally.lost).toEqual([]);
      expect(longestMs).toBeLessThan(withinMs(6_000));
      return `0 of ${tally.served} lost in ${rounds} rounds, exit 0 after ${(longestMs / 1_000).toFixed(1)} s, 0 processes`;
    },
  );

  fault(
    "of which every session has its own, starts and stops them all",
    { limit: "all served, 0 processes left, RSS +10 % + 8 MB", isLinux: true, timeoutMs: 240_000 },
    async () => {
      const id = await start();
      const count = times(24, 300);
      const wave = async (): Promise<void> => {
        const sessions: LegacySession[] = [];
        await repeat(count, 16, async () => void sessions.push(await openOwn()));
        expect((await childrenOf(id)).length).toBeGreaterThanOrEqual(count);
        await Promise.all(sessions.map((session) => session.end()));
        // The gateway's own lists the tools for everybody.
        await until(async () => (await childrenOf(id)).length <= 1, "their children have ended", 30_000);
      };
      await wave(); // warm
      const before = residentBytes(id);
      await wave();
      const grown = residentBytes(id) - before;
      expect(grown).toBeLessThan(before / 10 + 8 * 1_048_576);
      return `${2 * count} started, 0 left; RSS ${megabytes(before)} ${grown < 0 ? "" : "+"}${megabytes(grown)}`;
    },
  );
});

describe("reloads under load", () => {
  fault(
    "keep the child of an unchanged upstream, exchange that of a changed one, and lose no call",
    { limit: "0 lost, 1 child each, 0 of older ones", isLinux: true, timeoutMs: 120_000 },
    async () => {
      const id = await start();
      const kept = Number((await call("process")).said);
      const changing = (revision: number): object =>
        documentOf("changing", childUpstream({ env: { REVISION: String(revision) } }));
      await folder.write("changing.json", changing(0));
      gateway.child.kill("SIGHUP");
      const callChanging = (tool: string, args?: object): Promise<Called> =>
        callTool(client, `${gateway.url}/changing/mcp`, tool, args);
      await until(async () => !(await callChanging("echo").catch(gone)).isError, "the new document is served");
      let isOver = false;
      let served = 0;
      const failures: string[] = [];
      const load = Promise.all(
        Array.from({ length: 8 }, async (_, caller) => {
          while (!isOver) {
            const { said, isError } =
              caller % 2 === 0 ? await call("echo", { text: "x" }) : await callChanging("echo", { text: "x" });
            if (isError) failures.push(said);
            else served += 1;
          }
        }),
      );
      const reloads = times(8, 100);
      const seen = new Set<string>();
      for (let revision = 1; revision <= reloads; revision += 1) {
        const old = (await callChanging("process")).said;
        seen.add(old);
        await folder.write("changing.json", changing(revision));
        gateway.child.kill("SIGHUP");
        await until(async () => (await callChanging("process")).said !== old, "the change is served");
      }
      isOver = true;
      await load;
      expect(failures).toEqual([]);
      expect(Number((await call("process")).said)).toBe(kept);
      await until(async () => (await childrenOf(id)).length <= 2, "the others have ended");
      return `0 of ${served} lost in ${reloads} reloads, the unchanged child kept, 0 of ${seen.size} older ones left`;
    },
  );
});

const gone = (error: unknown): Called => ({ status: 0, text: "", said: String(error), isError: true, tookMs: 0 });

interface Tally {
  served: number;
  refused: number;
  readonly lost: string[];
}

async function callUntilRefused(caller: number, tally: Tally): Promise<void> {
  for (let number = 0; ; number += 1) {
    // Load pauses; nothing is waited for.
    if (number % 4 === 0) await delay(caller % 5);
    const text = `${caller}-${number}`;
    const { said } = await call("echo", { text }).catch(gone);
    if (said === text) tally.served += 1;
    else {
      // What the client sees of a connection that was not to be had: nothing of the request was sent.
      if (said.includes("ECONNREFUSED")) tally.refused += 1;
      else tally.lost.push(said);
      return;
    }
  }
}
