import { once } from "node:events";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { echoDocument, echoListener, echoTool, toolCall } from "../fixtures/echo-document.ts";
import { fault, times } from "../fixtures/fault.ts";
import { type KeepAliveClient, openClient, repeat } from "../fixtures/keep-alive-client.ts";
import { type LegacySession, openSession } from "../fixtures/legacy-session.ts";
import { type LocalBackend, startBackend } from "../fixtures/local-backend.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { measureHeap, megabytes, until } from "../fixtures/resources.ts";
import { type ServedFolder, serveDocuments } from "../fixtures/served-folder.ts";
import { withinMs } from "../fixtures/time-limit.ts";

let backend: LocalBackend;
let folder: ServedFolder;
let client: KeepAliveClient;
let url: string;
/** Held requests that the gateway has hung up on. */
let aborted = 0;

beforeAll(async () => {
  backend = await startBackend((request, response) => {
    if (request.url !== "/held") return echoListener(request, response);
    response.on("close", () => {
      if (!response.writableFinished) aborted += 1;
    });
    backend.server.emit("held", () => response.end("released"));
  });
  const held = { name: "held", upstream: "api", request: { path: "/held" } };
  folder = await serveDocuments({ "echo.json": echoDocument(backend.url, { tools: [echoTool, held] }) });
  url = `${folder.url}/echo/mcp`;
  client = openClient(64);
});

afterAll(async () => {
  client.close();
  await folder.close();
  await backend.close();
});

describe("batches of 2025-03-26", () => {
  fault("of 50 are answered whole, each to its own id", { limit: "50 of 50" }, async () => {
    const session = await openSession(url, "2025-03-26");
    const answer = await session.post(Array.from({ length: 50 }, (_, i) => toolCall("echo", { i }, i)));
    const replies = answer.json() as Reply[]; // checked by what follows
    expect(replies).toHaveLength(50);
    for (const { id, result } of replies) expect(result?.content[0]?.text).toBe(`{"i":${id}}`);
    return "50 of 50";
  });

  fault("of 51 are refused, and nothing of them runs", { limit: "400, 0 calls" }, async () => {
    const session = await openSession(url, "2025-03-26");
    let calls = 0;
    const count = (): void => void (calls += 1);
    backend.server.on("request", count);
    const answer = await session.post(Array.from({ length: 51 }, (_, i) => toolCall("echo", { i }, i)));
    backend.server.off("request", count);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ error: { code: -32600 } });
    expect(calls).toBe(0);
    return "400, 0 calls";
  });

  fault("of 100,000 are refused fast, and hold up nobody", { limit: "400 within 1,000 ms" }, async () => {
    const session = await openSession(url, "2025-03-26");
    const text = Buffer.from(`[${Array(100_000).fill('{"jsonrpc":"2.0","id":1,"method":"ping"}').join(",")}]`);
    const begunAt = performance.now();
    const answer = await client.send(url, {
      headers: { "content-type": "application/json", "mcp-session-id": session.id },
      raw: text,
    });
    const tookMs = performance.now() - begunAt;
    expect(answer.status).toBe(400);
    expect(tookMs).toBeLessThan(withinMs(1_000));
    return `${answer.status} after ${Math.round(tookMs)} ms`;
  });

  fault("whose elements are no messages are refused whole", { limit: "400" }, async () => {
    const session = await openSession(url, "2025-03-26");
    for (const batch of [[], [1], [[]], [null], [toolCall("echo"), 7], [[toolCall("echo")]]]) {
      expect((await session.post(batch)).status).toBe(400);
    }
    return "400, 6 of 6";
  });
});

describe("the same id", () => {
  fault("in a thousand calls at once: each reply goes to its own request", { limit: "0 swapped" }, async () => {
    const session = await openSession(url, "2025-11-25");
    const count = times(1_000, 10_000);
    await repeat(count, 64, async (i) => {
      const headers = { "mcp-session-id": session.id };
      const { text } = await client.send(url, { headers, body: toolCall("echo", { i }, "same") });
      expect(JSON.parse(text)).toMatchObject({ id: "same", result: { content: [{ text: `{"i":${i}}` }] } });
    });
    return `0 of ${count}`;
  });

  fault("in many sessions and both eras at once: nobody sees another's answer", { limit: "0 swapped" }, async () => {
    const sessions = await Promise.all(Array.from({ length: 16 }, () => openSession(url, "2025-06-18")));
    const count = times(1_000, 10_000);
    await repeat(count, 64, async (i) => {
      const { text } = i % 2 === 0 ? await callModern(i) : await callIn(sessions[i % sessions.length], i);
      expect(JSON.parse(text)).toMatchObject({ id: 1, result: { content: [{ text: `{"i":${i}}` }] } });
    });
    return `0 of ${count}`;
  });
});

describe("cancellation", () => {
  fault("of a call that runs stops it, and nothing answers it", { limit: "upstream aborted, 0 replies" }, async () => {
    const session = await openSession(url, "2025-11-25");
    const before = aborted;
    const arrived = once(backend.server, "held");
    const call = session.post(toolCall("held", {}, "h"));
    await arrived;
    await cancel(session, "h");
    const answer = await call;
    expect([answer.status, answer.text]).toEqual([202, ""]);
    await until(() => aborted === before + 1, "the upstream request is aborted");
    return "1 aborted, 0 replies";
  });

  fault("twice, too late, too early or of nothing does nothing", { limit: "0 errors, call answered" }, async () => {
    const session = await openSession(url, "2025-11-25");
    await cancel(session, "future");
    const answers = [await session.post(toolCall("echo", {}, "future"))];
    await cancel(session, "future");
    await cancel(session, "future");
    for (const id of ["none", "__proto__", 0, -1, 1.5, null, {}, [], "x".repeat(10_000)]) await cancel(session, id);
    answers.push(await session.post(toolCall("echo", {}, 7)));
    for (const { status, text } of answers) {
      expect(status).toBe(200);
      expect(text).toContain("result");
    }
    return "0 errors, 2 of 2 answered";
  });

  fault("of an id with another type is of another request", { limit: "0 cancelled" }, async () => {
    const session = await openSession(url, "2025-11-25");
    const arrived = once(backend.server, "held");
    const call = session.post(toolCall("held", {}, 1));
    const [release] = (await arrived) as [() => void]; // what the backend emits
    await cancel(session, "1");
    release();
    expect((await call).text).toContain("released");
    return "0 cancelled";
  });

  fault("of another session's call does nothing", { limit: "0 cancelled" }, async () => {
    const [owner, other] = await Promise.all([openSession(url, "2025-11-25"), openSession(url, "2025-11-25")]);
    const arrived = once(backend.server, "held");
    const call = owner.post(toolCall("held", {}, 1));
    const [release] = (await arrived) as [() => void]; // what the backend emits
    await cancel(other, 1);
    release();
    expect((await call).text).toContain("released");
    return "0 cancelled";
  });

  fault(
    "that races with the reply gives one or none, and leaves nothing behind",
    { limit: "0 double, 0 lost, heap +1 MB", timeoutMs: 120_000 },
    async () => {
      const session = await openSession(url, "2025-11-25");
      await race(session, 500); // warm
      const before = await measureHeap();
      const count = times(2_000, 50_000);
      const outcomes = await race(session, count);
      const grown = (await measureHeap()) - before;
      expect(outcomes.answered + outcomes.cancelled).toBe(count);
      expect(Math.min(outcomes.answered, outcomes.cancelled)).toBeGreaterThan(0);
      expect(grown).toBeLessThan(1_048_576);
      expect(folder.gateway.status()["upstreams"]).toMatchObject([{ running: 0, waiting: 0 }]);
      return `${outcomes.answered} answered, ${outcomes.cancelled} cancelled; heap ${megabytes(grown)}`;
    },
  );
});

interface Reply {
  readonly id: number;
  readonly result?: { readonly content: readonly { readonly text: string }[] };
}

/** Calls and cancels them at the same moment, over connections of their own. */
async function race(session: LegacySession, count: number): Promise<{ answered: number; cancelled: number }> {
  const headers = { "mcp-session-id": session.id };
  const outcomes = { answered: 0, cancelled: 0 };
  await repeat(count, 32, async (i) => {
    const cancelled = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: i } };
    const [call] = await Promise.all([
      client.send(url, { headers, body: toolCall("echo", { i }, i) }),
      turns(i % 16).then(() => client.send(url, { headers, body: cancelled })),
    ]);
    if (call.status === 202) outcomes.cancelled += 1;
    else {
      expect(JSON.parse(call.text)).toMatchObject({ id: i, result: { content: [{ text: `{"i":${i}}` }] } });
      outcomes.answered += 1;
    }
  });
  return outcomes;
}

/** Lets the event loop turn: the cancellation meets the call at another stage each time. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function cancel(session: LegacySession, requestId: unknown): Promise<void> {
  const answer = await session.post({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId } });
  expect(answer.status).toBe(202);
}

function callModern(i: number): Promise<{ readonly text: string }> {
  const { headers = {}, body } = modernRequest("tools/call", { params: { name: "echo", arguments: { i } } });
  return client.send(url, { headers, body });
}

function callIn(session: LegacySession | undefined, i: number): Promise<{ readonly text: string }> {
  return client.send(url, { headers: { "mcp-session-id": session?.id ?? "" }, body: toolCall("echo", { i }) });
}
