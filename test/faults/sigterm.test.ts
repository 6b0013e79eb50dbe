import type { RequestListener } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";
import { echoDocument, echoListener } from "../fixtures/echo-document.ts";
import { fault, times } from "../fixtures/fault.ts";
import { type GatewayProcess, startGatewayProcess } from "../fixtures/gateway-process.ts";
import { type KeepAliveClient, openClient } from "../fixtures/keep-alive-client.ts";
import { openSession } from "../fixtures/legacy-session.ts";
import { type LocalBackend, startBackend } from "../fixtures/local-backend.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { until } from "../fixtures/resources.ts";
import { createDocumentFolder, type DocumentFolder } from "../fixtures/served-folder.ts";
import { withinMs } from "../fixtures/time-limit.ts";

const rounds = times(4, 20);
/** From a busy gateway to one that is now and then without any request. */
const callerCounts = [1, 2, 4, 32];
/** Callers pause up to this long, so that connections are idle in between. */
const mostPauseMs = 10;
const callsBefore = 100;
const drainMs = 5_000;
/** What the client sees of a connection that was not to be had: nothing of the request was sent. */
const notSent = /ECONNREFUSED/;

let backend: LocalBackend;
let folder: DocumentFolder;
let gateway: GatewayProcess;
let client: KeepAliveClient;

beforeAll(async () => {
  backend = await startBackend(echoSlowly);
  folder = await createDocumentFolder({ "echo.json": echoDocument(backend.url) });
});

afterEach(async () => {
  client.close();
  await gateway.close();
});

afterAll(async () => {
  await folder.close();
  await backend.close();
});

describe("SIGTERM under load", () => {
  fault(
    "loses no request that was sent and ends with 0 in time",
    { limit: `0 lost, exit 0 within ${drainMs + 1_000} ms`, timeoutMs: 240_000 },
    async () => {
      const total: Tally = { served: 0, refused: 0, lost: [] };
      let longestMs = 0;
      for (let round = 0; round < rounds; round += 1) {
        gateway = await startGatewayProcess(folder.path, "tested", { PASSERELLE_DRAIN_MS: String(drainMs) });
        const callers = callerCounts[round % callerCounts.length] ?? 1;
        client = openClient(callers);
        longestMs = Math.max(longestMs, await terminate(callers, total));
        client.close();
      }
      expect(total.lost).toEqual([]);
      expect(total.served).toBeGreaterThan(rounds * callsBefore);
      expect(longestMs).toBeLessThan(withinMs(drainMs + 1_000));
      return `0 lost of ${total.served} in ${rounds} rounds, exit 0 after ${Math.round(longestMs)} ms`;
    },
  );
});

interface Tally {
  served: number;
  /** Requests that found nobody to connect to, or were told to come back. */
  refused: number;
  readonly lost: string[];
}

/** Ends the gateway in the middle of load. Answers how long it took in milliseconds. */
async function terminate(callers: number, total: Tally): Promise<number> {
  const servedBefore = total.served;
  const session = await openSession(`${gateway.url}/echo/mcp`, "2025-11-25");
  const stream = await session.listen();
  const load = Promise.all(Array.from({ length: callers }, () => callUntilRefused(total)));
  await until(() => total.served > servedBefore + callsBefore, "the load flows");
  const begunAt = performance.now();
  gateway.child.kill("SIGTERM");
  expect(await gateway.ended).toBe(0);
  const tookMs = performance.now() - begunAt;
  await load;
  while ((await stream.next()) !== undefined);
  expect(stream.retryMs).toBeGreaterThan(0);
  return tookMs;
}

async function callUntilRefused(total: Tally): Promise<void> {
  for (let call = 0; ; call += 1) {
    // Load pauses; nothing is waited for.
    if (call % 2 === 0) await delay((call * 7) % mostPauseMs);
    const params = { name: "echo", arguments: { text: "hello" } };
    const { headers = {}, body } = modernRequest("tools/call", { params });
    const text = await client.send(`${gateway.url}/echo/mcp`, { headers, body }).then(
      (answer) => answer.text,
      (error: unknown) => String(error),
    );
    if (text.includes("hello")) total.served += 1;
    else {
      if (notSent.test(text)) total.refused += 1;
      else total.lost.push(text);
      return;
    }
  }
}

/** Calls must be under way when the signal comes. */
const echoSlowly: RequestListener = (request, response) => {
  setTimeout(() => echoListener(request, response), 3);
};
