import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { echoDocument, echoListener } from "../fixtures/echo-document.ts";
import { fault, times } from "../fixtures/fault.ts";
import { type KeepAliveClient, openClient, repeat } from "../fixtures/keep-alive-client.ts";
import { initializeRequest } from "../fixtures/legacy-session.ts";
import { type LocalBackend, startBackend } from "../fixtures/local-backend.ts";
import { openEvents } from "../fixtures/raw-http.ts";
import { type ServedFolder, serveDocuments } from "../fixtures/served-folder.ts";

const keys = { ada: "ada-0123456789abcdef0123456789abcdef", bob: "bob-0123456789abcdef0123456789abcdef" };

let backend: LocalBackend;
let folder: ServedFolder;
let client: KeepAliveClient;
/** Ada's sessions, by transport. */
let httpId: string;
let sseId: string;

beforeAll(async () => {
  backend = await startBackend(echoListener);
  const routes = [{ prefix: "/echo" }, { prefix: "/other" }];
  folder = await serveDocuments(
    { "echo.json": echoDocument(backend.url, { routes }) },
    { flags: { apiKeys: [`ada=${keys.ada}`, `bob=${keys.bob}`] } },
  );
  client = openClient(16);
  const { headers } = await client.send(`${folder.url}/echo/mcp`, {
    headers: { authorization: `Bearer ${keys.ada}` },
    body: initializeRequest("2025-11-25"),
  });
  httpId = String(headers["mcp-session-id"]);
  const stream = await openEvents(`${folder.url}/echo/sse`, { headers: { authorization: `Bearer ${keys.ada}` } });
  sseId = /sessionId=([\w-]+)/.exec((await stream.next())?.data ?? "")?.[1] ?? "";
});

afterAll(async () => {
  client.close();
  await folder.close();
  await backend.close();
});

describe("a session", () => {
  fault("is not to be guessed: ids are random and long", { limit: ">= 128 bit, 0 repeated" }, async () => {
    const seen = new Set<string>();
    const count = times(200, 5_000);
    await repeat(count, 16, async () => {
      const { headers } = await client.send(`${folder.url}/echo/mcp`, {
        headers: { authorization: `Bearer ${keys.bob}` },
        body: initializeRequest("2025-11-25"),
      });
      seen.add(String(headers["mcp-session-id"]));
    });
    expect(seen.size).toBe(count);
    for (const id of seen) expect(Buffer.from(id, "base64url").length * 8).toBeGreaterThanOrEqual(128);
    // No byte of the ids is the same in all of them, as a counter or a clock would be.
    const ids = [...seen].map((id) => Buffer.from(id, "base64url"));
    const fixed = [...(ids[0] ?? [])].filter((byte, i) => ids.every((id) => id[i] === byte));
    expect(fixed).toEqual([]);
    return `192 bit, 0 of ${count}`;
  });

  fault(
    "of somebody else, of another prefix, another transport or nobody is 404 alike",
    { limit: "1 answer for all" },
    async () => {
      expect((await post("/echo", httpId, keys.ada)).status).toBe(200);
      const answers = [
        await post("/echo", httpId, keys.bob),
        await post("/other", httpId, keys.ada),
        await post("/echo", sseId, keys.ada),
        await post("/echo", randomBytes(24).toString("base64url"), keys.ada),
        await post("/echo", `${httpId.slice(0, -1)}${httpId.endsWith("A") ? "B" : "A"}`, keys.ada),
        await post("/echo", httpId.toLowerCase(), keys.ada),
        await post("/echo", "__proto__", keys.ada),
        await post("/echo", "x".repeat(5_000), keys.ada),
      ];
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
      expect(answers[0]?.status).toBe(404);
      return `${answers.length} alike`;
    },
  );

  fault("of HTTP+SSE likewise", { limit: "1 answer for all" }, async () => {
    expect((await postMessage("/echo", sseId, keys.ada)).status).toBe(202);
    const answers = [
      await postMessage("/echo", sseId, keys.bob),
      await postMessage("/other", sseId, keys.ada),
      await postMessage("/echo", httpId, keys.ada),
      await postMessage("/echo", randomBytes(24).toString("base64url"), keys.ada),
    ];
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(404);
    return `${answers.length} alike`;
  });

  fault("cannot be read, ended or taken over by others", { limit: "404 for GET and DELETE" }, async () => {
    const headers = { "mcp-session-id": httpId, authorization: `Bearer ${keys.bob}` };
    expect((await client.send(`${folder.url}/echo/mcp`, { headers })).status).toBe(404);
    expect((await client.send(`${folder.url}/echo/mcp`, { method: "DELETE", headers })).status).toBe(404);
    expect((await post("/echo", httpId, keys.ada)).status).toBe(200);
    return "404, the owner's lives";
  });

  fault(
    "does not count as used by who may not use it: a thousand guesses open nothing",
    { limit: "0 opened" },
    async () => {
      const before = folder.gateway.status()["sessions"];
      const count = times(1_000, 100_000);
      await repeat(count, 16, async () => {
        expect((await post("/echo", randomBytes(24).toString("base64url"), keys.bob)).status).toBe(404);
      });
      expect(folder.gateway.status()["sessions"]).toBe(before);
      return `0 of ${count}`;
    },
  );
});

interface Answer {
  readonly status: number;
  readonly text: string;
}

function post(prefix: string, sessionId: string, key: string): Promise<Answer> {
  const headers = { "mcp-session-id": sessionId, authorization: `Bearer ${key}` };
  return client.send(`${folder.url}${prefix}/mcp`, { headers, body: { jsonrpc: "2.0", id: 1, method: "ping" } });
}

function postMessage(prefix: string, sessionId: string, key: string): Promise<Answer> {
  return client.send(`${folder.url}${prefix}/message?sessionId=${sessionId}`, {
    headers: { authorization: `Bearer ${key}` },
    body: { jsonrpc: "2.0", id: 1, method: "ping" },
  });
}
