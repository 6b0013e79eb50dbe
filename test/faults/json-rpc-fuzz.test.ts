import fc from "fast-check";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { echoDocument, echoListener } from "../fixtures/echo-document.ts";
import { fault, times } from "../fixtures/fault.ts";
import { type ClientAnswer, type KeepAliveClient, openClient } from "../fixtures/keep-alive-client.ts";
import { type LegacySession, openSession } from "../fixtures/legacy-session.ts";
import { type LocalBackend, startBackend } from "../fixtures/local-backend.ts";
import { envelope, modernRevision } from "../fixtures/modern-request.ts";
import { type ServedFolder, serveDocuments } from "../fixtures/served-folder.ts";
import { openSseSession, type SseSession } from "../fixtures/sse-session.ts";

// Messages are made three ways: well-formed ones with odd values, ones of odd structure, and bytes that
// were a message before they were damaged. Whatever comes, the reply is HTTP and JSON-RPC as specified.

const oneByOne = 16;
const knownCodes = new Set([-32700, -32600, -32601, -32602, -32603, -32000, -32001, -32002, -32020, -32021, -32022]);

let backend: LocalBackend;
let folder: ServedFolder;
let client: KeepAliveClient;
let session: LegacySession;
let sse: SseSession;
const faults: unknown[] = [];
const note = (error: unknown): void => void faults.push(error);

beforeAll(async () => {
  process.on("unhandledRejection", note);
  process.on("uncaughtExceptionMonitor", note);
  backend = await startBackend(echoListener);
  folder = await serveDocuments({
    "echo.json": echoDocument(backend.url, {
      prompts: [
        { name: "greet", arguments: [{ name: "who" }], messages: [{ content: { text: "Hello ${args.who}" } }] },
      ],
      resources: [{ name: "note", uri: "note:///1", text: "A note." }],
      resourceTemplates: [{ name: "notes", uriTemplate: "note:///{id}", text: "${args.id}" }],
    }),
  });
  client = openClient(oneByOne);
  session = await openSession(`${folder.url}/echo/mcp`, "2025-11-25");
  sse = await openSseSession(`${folder.url}/echo`);
});

afterAll(async () => {
  process.off("unhandledRejection", note);
  process.off("uncaughtExceptionMonitor", note);
  client.close();
  sse.stream.close();
  await folder.close();
  await backend.close();
});

describe("whatever is posted", () => {
  fault(
    "to /mcp in a session gets a reply of JSON-RPC",
    { limit: "0 crashes, 0 5xx, 0 invalid", timeoutMs: 300_000 },
    () => fuzz(times(2_000, 250_000), (body) => postMcp(body, { "mcp-session-id": session.id })),
  );

  fault(
    "to /mcp without a session gets a reply of JSON-RPC",
    { limit: "0 crashes, 0 5xx, 0 invalid", timeoutMs: 300_000 },
    () => fuzz(times(2_000, 250_000), (body) => postMcp(body, {})),
  );

  fault(
    "to /mcp as of 2026-07-28 gets a reply of JSON-RPC",
    { limit: "0 crashes, 0 5xx, 0 invalid", timeoutMs: 300_000 },
    () =>
      fuzz(times(2_000, 250_000), (body) =>
        postMcp(body, { "mcp-protocol-version": modernRevision, "mcp-method": "tools/call", "mcp-name": "echo" }),
      ),
  );

  fault("to /message is taken or refused", { limit: "0 crashes, 0 5xx, 0 invalid", timeoutMs: 300_000 }, () =>
    fuzz(times(2_000, 250_000), async (body) => {
      const answer = await client.send(`${folder.url}/echo/message?sessionId=${sse.id}`, {
        headers: { "content-type": "application/json" },
        raw: body,
      });
      if (answer.status !== 202) checkReply(answer, body);
    }),
  );

  fault("leaves the sessions usable and prototypes clean", { limit: "0 polluted, 2 sessions alive" }, async () => {
    const ping = { jsonrpc: "2.0", id: "last", method: "ping" };
    expect((await session.post(ping)).status).toBe(200);
    expect((await sse.post(ping)).status).toBe(202);
    for (;;) if (((await sse.stream.message()) as { id?: unknown }).id === "last") break; // answers before it
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    return "0 polluted, 2 alive";
  });
});

async function fuzz(runs: number, post: (body: Buffer) => Promise<void>): Promise<string> {
  faults.length = 0;
  let slowestMs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anyBody, { minLength: oneByOne, maxLength: oneByOne }), async (bodies) => {
      const begunAt = performance.now();
      await Promise.all(bodies.map(post));
      slowestMs = Math.max(slowestMs, performance.now() - begunAt);
    }),
    { numRuns: Math.ceil(runs / oneByOne) },
  );
  expect(faults).toEqual([]);
  return `0 of ${runs}; slowest ${oneByOne} at once ${Math.round(slowestMs)} ms`;
}

async function postMcp(body: Buffer, headers: Readonly<Record<string, string>>): Promise<void> {
  const answer = await client.send(`${folder.url}/echo/mcp`, {
    headers: { "content-type": "application/json", ...headers },
    raw: body,
  });
  checkReply(answer, body);
}

function checkReply(answer: ClientAnswer, body: Buffer): void {
  const shown = `${answer.status} ${answer.text} to ${body.toString()}`;
  if (answer.status >= 500) throw new Error(`5xx: ${shown}`);
  if (answer.status === 202 && answer.text === "") return;
  const isStream = answer.headers["content-type"]?.startsWith("text/event-stream") === true;
  const texts = isStream ? [...answer.text.matchAll(/^data: ?(.+)$/gm)].map(([, data]) => data ?? "") : [answer.text];
  for (const text of texts) {
    const reply: unknown = JSON.parse(text);
    for (const message of Array.isArray(reply) ? reply : [reply]) {
      if (!isReply(message)) throw new Error(`no reply: ${shown}`);
    }
  }
}

function isReply(message: unknown): boolean {
  if (typeof message !== "object" || message === null) return false;
  const { jsonrpc, id, result, error, method } = message as Record<string, unknown>; // an object
  if (jsonrpc !== "2.0") return false;
  if (typeof method === "string") return id === undefined && method.startsWith("notifications/");
  if (!(id === null || typeof id === "string" || typeof id === "number")) return false;
  if ((result === undefined) === (error === undefined)) return false;
  if (error === undefined) return typeof result === "object" && result !== null;
  const { code, message: sentence } = error as { code?: unknown; message?: unknown };
  return typeof code === "number" && knownCodes.has(code) && typeof sentence === "string" && sentence.length < 2_000;
}

const oddKeys = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "", "_meta", "name", "\u2028"];
const methods = [
  "initialize",
  "ping",
  "tools/call",
  "tools/list",
  "prompts/get",
  "prompts/list",
  "resources/read",
  "resources/list",
  "resources/templates/list",
  "resources/subscribe",
  "resources/unsubscribe",
  "completion/complete",
  "logging/setLevel",
  "server/discover",
  "notifications/initialized",
  "notifications/cancelled",
  "notifications/progress",
  "__proto__",
  "",
];
const names = ["echo", "greet", "note:///1", "note:///%2e%2e", "none", ...oddKeys];

const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, -0, 1e308, 2 ** 53, "", "\u0000", "\ufeff", "😀", "‮", [], {}),
  fc.constantFrom(...names),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.integer(),
);
const oddObject = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    oddValue,
    tie("object"),
    fc.array(tie("value"), { maxLength: 3 }),
  ),
  object: fc
    .array(fc.tuple(fc.oneof(fc.constantFrom(...oddKeys), fc.string({ maxLength: 8 })), tie("value")), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries)),
})).object;

const params = fc.oneof(
  fc.record(
    {
      name: fc.constantFrom<unknown>(...names),
      uri: fc.constantFrom<unknown>(...names),
      arguments: oddObject,
      cursor: oddValue,
      level: oddValue,
      requestId: oddValue,
      ref: fc.oneof(fc.constant({ type: "ref/prompt", name: "greet" }), oddObject),
      argument: fc.oneof(fc.constant({ name: "who", value: "a" }), oddObject),
      _meta: fc.oneof(fc.constant(envelope), fc.constant({ progressToken: 1 }), oddObject),
    },
    { requiredKeys: [] },
  ),
  oddObject,
  oddValue,
);
const message = fc.record(
  {
    jsonrpc: fc.constantFrom("2.0", "2.0", "2.0", "1.0", 2),
    id: oddValue,
    method: fc.constantFrom(...methods),
    params,
  },
  { requiredKeys: ["jsonrpc", "method"] },
);
const structure = fc.oneof(message, fc.array(message, { maxLength: 5 }), oddObject, oddValue);

const damages: readonly ((text: string, at: number) => string)[] = [
  (text, at) => text.slice(0, at),
  (text, at) => text.slice(0, at) + text.slice(at + 1),
  (text, at) => `${text.slice(0, at)}${text[at] ?? ""}${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}\\u${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}"${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}\0${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}1e999${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}${"[".repeat(200)}${text.slice(at)}`,
];
const anyBody: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 4, arbitrary: structure.map((value) => Buffer.from(JSON.stringify(value) ?? "null")) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(structure, fc.constantFrom(...damages), fc.double({ min: 0, max: 1, noNaN: true }))
      .map(([value, damage, share]) => {
        const text = JSON.stringify(value) ?? "null";
        return Buffer.from(damage(text, Math.floor(share * text.length)));
      }),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)) },
);
