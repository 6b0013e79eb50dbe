import { type ClientRequest, request as httpRequest } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toolCall } from "../fixtures/echo-document.ts";
import { acceptBoth, type LegacySession, openSession } from "../fixtures/legacy-session.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { type RawRequest, send } from "../fixtures/raw-http.ts";
import { openScriptedUpstream, type ScriptedUpstream } from "../fixtures/scripted-upstream.ts";
import { serveDocuments, type ServedFolder } from "../fixtures/served-folder.ts";

// Calls whose clients are gone while the gateway still waits to learn which upstream has the tool.

let upstream: ScriptedUpstream;
let folder: ServedFolder;
let url: string;
/** Resolves when the upstream is asked for its tools, which it tells after `releaseList`. */
let listAsked: Promise<void>;
let releaseList: () => void;

beforeEach(async () => {
  let noteAsked: () => void;
  listAsked = new Promise((resolve) => {
    noteAsked = resolve;
  });
  const released = new Promise<void>((resolve) => {
    releaseList = resolve;
  });
  upstream = await openScriptedUpstream({
    era: "legacy",
    tools: () => ["count", "careful"].map((name) => ({ name, inputSchema: { type: "object" } })),
    answer: () => ({ result: '{"content":[]}' }),
    hold: async (method) => {
      if (method !== "tools/list") return;
      noteAsked();
      await released;
    },
  });
  folder = await serveDocuments({
    "late.yaml": {
      name: "late",
      instructions: "So that the handshake waits for nobody.",
      routes: [{ prefix: "/late", access: "public" }],
      upstreams: { up: { kind: "mcp", url: upstream.url, sharing: "shared", egress: { allow: ["127.0.0.1"] } } },
      expose: [{ upstream: "up", tools: { overrides: { careful: { confirm: { message: "Sure?" } } } } }],
    },
  });
  url = `${folder.url}/late/mcp`;
});

afterEach(async () => {
  releaseList();
  await folder?.close();
  await upstream?.close();
});

function begin({ headers, body }: RawRequest): ClientRequest {
  const request = httpRequest(url, { method: "POST", headers: { ...headers, "content-type": "application/json" } });
  request.on("error", () => undefined); // they are hung up
  request.end(JSON.stringify(body));
  return request;
}

/** Hangs up; the gateway has seen it when the session's next request is answered. */
async function hangUp(request: ClientRequest, session: LegacySession): Promise<void> {
  const closed = new Promise((resolve) => request.once("close", resolve));
  request.destroy();
  await closed;
  await session.post({ jsonrpc: "2.0", id: "later", method: "ping" });
}

function modernCall(who: string): RawRequest {
  return modernRequest("tools/call", { params: { name: "count", arguments: { who } } });
}

describe("a call that its client has given up", () => {
  it("does not reach the upstream that it waited for", async () => {
    const session = await openSession(url, "2025-11-25");
    const cancelled = session.post(toolCall("count", { who: "session" }, 7));
    const gone = begin(modernCall("gone"));
    await listAsked;
    const waiting = send(url, modernCall("patient"));
    await session.post({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 7 } });
    await hangUp(gone, session);
    releaseList();
    expect((await waiting).json()).toMatchObject({ result: { content: [] } });
    await cancelled;
    expect(upstream.requests.map(({ params }) => params["arguments"])).toEqual([{ who: "patient" }]);
    await session.end();
  });
});

describe("a call of a session whose connection broke before its stream had begun", () => {
  it("asks nobody: its client can resume nothing and would never see the question", async () => {
    const session = await openSession(url, "2025-11-25", { elicitation: {} });
    const headers = { accept: acceptBoth, "mcp-session-id": session.id, "mcp-protocol-version": "2025-11-25" };
    const gone = begin({ headers, body: toolCall("careful", {}, 1) });
    await listAsked;
    await hangUp(gone, session);
    const asking = session.stream(toolCall("careful", {}, 2));
    // Both wait for the same list, in their order.
    await session.post({ jsonrpc: "2.0", id: "then", method: "ping" });
    releaseList();
    const stream = await asking;
    const { id } = (await stream.message()) as { id: number };
    expect(folder.gateway.status()).toMatchObject({ pendingInput: 1 });
    await session.post({ jsonrpc: "2.0", id, result: { action: "accept", content: {} } });
    expect(await stream.message()).toMatchObject({ id: 2, result: { content: [] } });
    expect(upstream.requests).toHaveLength(1);
    await session.end();
  });
});
