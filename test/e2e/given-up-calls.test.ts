import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { toolCall } from "../fixtures/echo-document.ts";
import { openSession } from "../fixtures/legacy-session.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { send } from "../fixtures/raw-http.ts";
import { openScriptedUpstream, type ScriptedUpstream } from "../fixtures/scripted-upstream.ts";
import { serveDocuments, type ServedFolder } from "../fixtures/served-folder.ts";

// A call that its client gives up while the gateway still waits to learn whose it is never goes out.

let upstream: ScriptedUpstream;
let folder: ServedFolder;
let heldList: () => void = () => undefined;
let releaseList: () => void = () => undefined;
const listAsked = new Promise<void>((resolve) => {
  heldList = resolve;
});
const listReleased = new Promise<void>((resolve) => {
  releaseList = resolve;
});

beforeAll(async () => {
  upstream = await openScriptedUpstream({
    era: "legacy",
    tools: () => [{ name: "count", inputSchema: { type: "object" } }],
    answer: () => ({ result: '{"content":[]}' }),
    hold: async (method) => {
      if (method !== "tools/list") return;
      heldList();
      await listReleased;
    },
  });
  folder = await serveDocuments({
    "late.yaml": {
      name: "late",
      instructions: "So that the handshake waits for nobody.",
      routes: [{ prefix: "/late", access: "public" }],
      upstreams: { up: { kind: "mcp", url: upstream.url, sharing: "shared", egress: { allow: ["127.0.0.1"] } } },
    },
  });
});

afterAll(async () => {
  releaseList();
  await folder?.close();
  await upstream?.close();
});

it("calls given up before their upstream was listed do not reach it", async () => {
  const url = `${folder.url}/late/mcp`;
  const session = await openSession(url, "2025-11-25");
  const cancelled = session.post(toolCall("count", { who: "session" }, 7));
  const { headers = {}, body } = modernRequest("tools/call", { params: { name: "count", arguments: { who: "gone" } } });
  const gone = httpRequest(url, { method: "POST", headers: { ...headers, "content-type": "application/json" } });
  gone.on("error", () => undefined); // hung up below
  gone.end(JSON.stringify(body));
  await listAsked;
  const waiting = send(url, modernRequest("tools/call", { params: { name: "count", arguments: { who: "patient" } } }));
  await session.post({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 7 } });
  const closed = new Promise((resolve) => gone.once("close", resolve));
  gone.destroy();
  await closed;
  await session.post({ jsonrpc: "2.0", id: 8, method: "ping" }); // the gateway has seen both by now
  releaseList();
  expect((await waiting).json()).toMatchObject({ result: { content: [] } });
  await cancelled;
  expect(upstream.requests.map(({ params }) => params["arguments"])).toEqual([{ who: "patient" }]);
  await session.end();
});
