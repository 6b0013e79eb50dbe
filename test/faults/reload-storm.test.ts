import type { RequestListener } from "node:http";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { echoListener, localUpstream, toolCall } from "../fixtures/echo-document.ts";
import { fault, times } from "../fixtures/fault.ts";
import { type KeepAliveClient, openClient } from "../fixtures/keep-alive-client.ts";
import { type LegacySession, openSession } from "../fixtures/legacy-session.ts";
import { type LocalBackend, startBackend } from "../fixtures/local-backend.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { countFiles, countHandles, measureHeap, megabytes, until } from "../fixtures/resources.ts";
import { type ServedFolder, serveDocuments } from "../fixtures/served-folder.ts";

// A revision shows in four places: the tool's description, its path, a header of its upstream and the
// tool's result. A call that saw two revisions would mix them.

const reloads = times(300, 1_000);
const callers = 8;
/** Every so many reloads the upstream is another one, with sockets of its own. */
const upstreamEvery = 50;

let backend: LocalBackend;
let folder: ServedFolder;
let client: KeepAliveClient;
/** Open files and handles before the gateway. */
let baseline: readonly [files: number, handles: number];

beforeEach(async () => {
  backend = await startBackend(answerRevision);
  baseline = [countFiles(), countHandles()];
  folder = await serveDocuments({ "revisions.json": document(0), "calm.json": calmDocument() });
  client = openClient(callers);
});

afterEach(async () => {
  client.close();
  await folder.close();
  await backend.close();
});

describe("reloads under load", () => {
  fault(
    "lose no request, mix no revisions and leave nothing behind",
    { limit: "0 lost, 0 mixed; heap +2 MB, handles +0", timeoutMs: 120_000 },
    async () => {
      await reloadUnderLoad(50); // warm: what grows from here on is a leak
      const heapBefore = await measureHeap();
      const tally = await reloadUnderLoad(reloads);
      const grown = (await measureHeap()) - heapBefore;

      expect(tally.failures).toEqual([]);
      expect(tally.mixed).toEqual([]);
      expect(tally.served).toBeGreaterThan(reloads);
      expect(new Set(tally.revisions).size).toBeGreaterThan(reloads / 10);
      expect(grown).toBeLessThan(2 * 1_048_576);
      // The last upstream may not have been called yet; none of the ones before is left.
      expect((folder.gateway.status()["upstreams"] as unknown[]).length).toBeLessThanOrEqual(2);

      client.close();
      await folder.close();
      await until(() => backend.sockets.size === 0, "the sockets of all upstreams are closed");
      await until(() => countFiles() <= baseline[0], "files and sockets are closed");
      await until(() => countHandles() <= baseline[1], "handles are gone");
      return `0 lost of ${tally.served}, 0 mixed; heap ${megabytes(grown)}, handles +0`;
    },
  );
});

interface Tally {
  served: number;
  readonly revisions: number[];
  readonly failures: string[];
  readonly mixed: string[];
}

async function reloadUnderLoad(count: number): Promise<Tally> {
  const tally: Tally = { served: 0, revisions: [], failures: [], mixed: [] };
  const session = await openSession(`${folder.url}/revisions/mcp`, "2025-11-25");
  let isOver = false;
  const caller = async (number: number): Promise<void> => {
    while (!isOver) {
      await (number % 2 === 0 ? callModern(tally) : callLegacy(tally, session));
      await callCalm(tally);
    }
  };
  const load = Promise.all(Array.from({ length: callers }, (_, i) => caller(i)));
  for (let revision = 1; revision <= count; revision += 1) {
    await folder.write("revisions.json", document(revision));
    await folder.gateway.reload();
  }
  isOver = true;
  await load;
  await session.end();
  return tally;
}

async function callModern(tally: Tally): Promise<void> {
  const request = modernRequest("tools/call", { params: { name: "tell" } });
  const options = { headers: request.headers ?? {}, body: request.body };
  judge(tally, await client.send(`${folder.url}/revisions/mcp`, options).then(({ text }) => text, String));
}

async function callLegacy(tally: Tally, session: LegacySession): Promise<void> {
  const headers = { "mcp-session-id": session.id, "mcp-protocol-version": "2025-11-25" };
  const answer = client.send(`${folder.url}/revisions/mcp`, { headers, body: toolCall("tell") });
  judge(tally, await answer.then(({ text }) => text, String));
}

function judge(tally: Tally, text: string): void {
  const [, path, header, own] = /path (\d+) header (\d+) own (\d+)/.exec(text) ?? [];
  if (path === undefined) tally.failures.push(text);
  else if (path !== header || path !== own) tally.mixed.push(text);
  else {
    tally.served += 1;
    tally.revisions.push(Number(path));
  }
}

/** The server that no reload concerns keeps serving. */
async function callCalm(tally: Tally): Promise<void> {
  const request = modernRequest("tools/call", { params: { name: "tell" } });
  const options = { headers: request.headers ?? {}, body: request.body };
  const text = await client.send(`${folder.url}/calm/mcp`, options).then(({ text }) => text, String);
  if (!text.includes("path 0 header 0")) tally.failures.push(text);
}

const answerRevision: RequestListener = (request, response) => {
  if (request.method !== "GET") return echoListener(request, response);
  const path = request.url?.split("/").at(-1) ?? "";
  response.end(`path ${path} header ${String(request.headers["x-revision"])}`);
};

function document(revision: number): object {
  const generation = Math.floor(revision / upstreamEvery);
  return {
    name: "revisions",
    routes: [{ prefix: "/revisions", access: "public" }],
    upstreams: { api: localUpstream(backend.url, { headers: { "x-generation": String(generation) } }) },
    tools: [
      tellTool(revision),
      ...Array.from({ length: 10 }, (_, i) => ({ ...tellTool(revision), name: `tell_${i}` })),
    ],
  };
}

function tellTool(revision: number): object {
  return {
    name: "tell",
    description: `Tells that it is of revision ${revision}.`,
    upstream: "api",
    request: { path: `/tell/${revision}`, headers: { "x-revision": String(revision) } },
    result: `\${response.body} own ${revision}`,
  };
}

function calmDocument(): object {
  return {
    name: "calm",
    routes: [{ prefix: "/calm", access: "public" }],
    upstreams: { api: localUpstream(backend.url) },
    tools: [tellTool(0)],
  };
}
