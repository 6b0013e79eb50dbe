import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { echoDocument, echoListener, echoTool, toolCall } from "../fixtures/echo-document.ts";
import { acceptBoth, openSession } from "../fixtures/legacy-session.ts";
import { type LocalBackend, startBackend } from "../fixtures/local-backend.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { send } from "../fixtures/raw-http.ts";
import { peerKinds } from "../fixtures/sdk-peers.ts";
import { serveDocuments, type ServedFolder } from "../fixtures/served-folder.ts";
import { openSseSession } from "../fixtures/sse-session.ts";

const message = 'Delete "${args.id}"?'; // an expression of the gateway's

const tools = [
  { ...echoTool, name: "delete", confirm: { message } },
  { ...echoTool, name: "lenient", confirm: { message, whenUnable: "call" } },
  echoTool,
];

let backend: LocalBackend;
let folder: ServedFolder;
let prefix: string;
/** Calls that reached the backend. */
let calls = 0;

beforeAll(async () => {
  backend = await startBackend((request, response) => {
    calls++;
    echoListener(request, response);
  });
  folder = await serveDocuments({
    "echo.yaml": echoDocument(backend.url, {
      tools,
      routes: [
        { prefix: "/echo", access: "public" },
        { prefix: "/stateless", access: "public", sessions: { required: false } },
      ],
    }),
  });
  prefix = `${folder.url}/echo`;
});

afterAll(async () => {
  await folder.close();
  await backend.close();
});

beforeEach(() => {
  calls = 0;
});

const asks = { elicitation: {} };
const meta = { "io.modelcontextprotocol/clientCapabilities": asks };

interface InputRequired {
  readonly resultType: string;
  readonly inputRequests: Readonly<Record<string, unknown>>;
  readonly requestState: string;
}

/** Calls a tool as a client of 2026-07-28; `round` carries what a later round brings along. */
async function call(params: object, round: object = {}, changes: object = { meta }): Promise<Answer> {
  const answer = await send(
    `${prefix}/mcp`,
    modernRequest("tools/call", { params: { ...params, ...round }, ...changes }),
  );
  return answer.json() as Answer;
}

interface Answer {
  readonly result: InputRequired & Readonly<Record<string, unknown>>;
  readonly error: { readonly code: number; readonly message: string; readonly data?: unknown };
}

describe.each(peerKinds)("a tool with confirm, $name over $transport ($revision)", (kind) => {
  const knowsElicitation = kind.revision >= "2025-06-18";
  const answering = (action: string) => ({
    elicit: () => ({ action, ...(action === "accept" ? { content: {} } : {}) }),
    sample: () => ({}),
    roots: () => ({ roots: [] }),
  });

  it("is called when the user accepts, and not called where nobody can be asked", async () => {
    const peer = await kind.connect(prefix, answering("accept"));
    const result = await peer.callTool("delete", { id: "7" });
    await peer.close();
    if (knowsElicitation) expect(result).toMatchObject({ content: [{ text: '{"id":"7"}' }] });
    else {
      expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining("no elicitation") }] });
    }
    expect(calls).toBe(knowsElicitation ? 1 : 0);
  });

  it("is not called when the user declines", async () => {
    const peer = await kind.connect(prefix, answering("decline"));
    const result = await peer.callTool("delete", { id: "7" });
    await peer.close();
    expect(result).toMatchObject({ isError: true });
    expect(calls).toBe(0);
  });

  it("is called without asking where the document says so and nobody can be asked", async () => {
    const peer = await kind.connect(prefix);
    const lenient = await peer.callTool("lenient", { id: "7" });
    const strict = await peer.callTool("delete", { id: "7" });
    await peer.close();
    expect(lenient).toMatchObject({ content: [{ text: '{"id":"7"}' }] });
    expect(strict).toMatchObject({ isError: true });
    expect(calls).toBe(1);
  });
});

describe("confirmation in 2026-07-28", () => {
  const params = { name: "delete", arguments: { id: "7" } };
  const accept = { confirm: { action: "accept", content: {} } };

  it("keeps nothing at the gateway: the client brings the signed question back", async () => {
    const { result } = await call(params);
    expect(result).toMatchObject({
      resultType: "input_required",
      inputRequests: { confirm: { method: "elicitation/create", params: { message: 'Delete "7"?' } } },
    });
    expect(folder.gateway.status()).toMatchObject({ parked: 0, pendingInput: 0 });
    const { requestState } = result;
    const again = await call(params, { requestState, inputResponses: accept });
    expect(again.result).toMatchObject({ resultType: "complete", content: [{ text: '{"id":"7"}' }] });
  });

  it("asks again when the answer is missing, and ignores answers to other questions", async () => {
    const { result } = await call(params);
    const { requestState } = result;
    const again = await call(params, { requestState, inputResponses: { other: { action: "accept" } } });
    expect(again.result).toMatchObject({ resultType: "input_required", inputRequests: { confirm: {} } });
    expect(calls).toBe(0);
    const third = await call(params, {
      requestState: again.result.requestState,
      inputResponses: { ...accept, other: 1 },
    });
    expect(third.result).toMatchObject({ resultType: "complete" });
  });

  it("is not believed without the question, with another one's, or after a change", async () => {
    const unasked = await call(params, { inputResponses: accept });
    expect(unasked.result).toMatchObject({ resultType: "input_required" });
    const { requestState } = unasked.result;
    const others = [
      call({ ...params, arguments: { id: "8" } }, { requestState, inputResponses: accept }),
      call({ ...params, name: "lenient" }, { requestState, inputResponses: accept }),
      call(params, { requestState: `${requestState}-TAMPERED`, inputResponses: accept }),
      call(params, { requestState: requestState.replace("gw1.", "gw2."), inputResponses: accept }),
      call(params, { requestState: 7, inputResponses: accept }),
      call(params, { requestState: "", inputResponses: accept }),
    ];
    for (const { error } of await Promise.all(others)) {
      expect(error).toMatchObject({ code: -32602, message: expect.stringContaining("requestState") });
    }
    expect(calls).toBe(0);
  });

  it("refuses answers that are no object", async () => {
    for (const inputResponses of [null, 7, "accept", [accept]]) {
      expect(await call(params, { inputResponses })).toMatchObject({ error: { code: -32602 } });
    }
  });

  it("is not asked of a client without elicitation", async () => {
    const { result } = await call(params, {}, {});
    expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining("elicitation") }] });
  });
});

describe("confirmation by request", () => {
  const open = () => openSession(`${prefix}/mcp`, "2025-11-25", asks);
  const question = { jsonrpc: "2.0", method: "elicitation/create", params: { message: 'Delete "7"?' } };
  const cancel = (requestId: number) => ({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId } });

  it("is withdrawn when the client cancels the call, and the stream ends", async () => {
    const session = await open();
    const stream = await session.stream(toolCall("delete", { id: "7" }, 5));
    const asked = (await stream.message()) as { id: number };
    expect(asked).toMatchObject(question);
    expect(folder.gateway.status()).toMatchObject({ pendingInput: 1 });
    await session.post(cancel(5));
    expect(await stream.message()).toMatchObject({
      method: "notifications/cancelled",
      params: { requestId: asked.id },
    });
    expect(await stream.next()).toBeUndefined();
    expect(folder.gateway.status()).toMatchObject({ pendingInput: 0 });
    await session.end();
    expect(calls).toBe(0);
  });

  it("ends with the session", async () => {
    const session = await open();
    const stream = await session.stream(toolCall("delete", { id: "7" }, 5));
    await stream.message();
    await session.end();
    while ((await stream.next()) !== undefined);
    expect(folder.gateway.status()).toMatchObject({ pendingInput: 0 });
    expect(calls).toBe(0);
  });

  it("takes no answer from another session, and takes it once", async () => {
    const [session, stranger] = await Promise.all([open(), open()]);
    const stream = await session.stream(toolCall("delete", { id: "7" }, "a"));
    const { id } = (await stream.message()) as { id: number };
    const answer = { jsonrpc: "2.0", id, result: { action: "accept", content: {} } };
    expect((await stranger.post(answer)).status).toBe(202);
    expect(folder.gateway.status()).toMatchObject({ pendingInput: 1 });
    expect((await session.post(answer)).status).toBe(202);
    expect((await session.post(answer)).status).toBe(202);
    expect(await stream.message()).toMatchObject({ id: "a", result: { content: [{ text: '{"id":"7"}' }] } });
    expect(calls).toBe(1);
    await Promise.all([session.end(), stranger.end()]);
  });

  it("counts an error of the client as no confirmation, even where the tool may be called unasked", async () => {
    const session = await open();
    const stream = await session.stream(toolCall("lenient", { id: "7" }, 5));
    const { id } = (await stream.message()) as { id: number };
    await session.post({ jsonrpc: "2.0", id, error: { code: -32603, message: "no window" } });
    expect(await stream.message()).toMatchObject({
      result: { isError: true, content: [{ text: expect.stringContaining("no window") }] },
    });
    await session.end();
    expect(calls).toBe(0);
  });

  it("survives the loss of the connection: the question is found again by resuming the stream", async () => {
    const session = await open();
    const stream = await session.stream(toolCall("delete", { id: "7" }, 5));
    const primed = await stream.next();
    stream.close();
    const resumed = await session.listen(primed?.id);
    const { id } = (await resumed.message()) as { id: number };
    await session.post({ jsonrpc: "2.0", id, result: { action: "accept", content: {} } });
    expect(await resumed.message()).toMatchObject({ id: 5, result: { content: [{ text: '{"id":"7"}' }] } });
    await session.end();
  });

  it("goes over the stream of an HTTP+SSE session", async () => {
    const session = await openSseSession(prefix, "2025-06-18", asks);
    await session.post(toolCall("delete", { id: "7" }, 5));
    const asked = (await session.stream.message()) as { id: number };
    expect(asked).toMatchObject(question);
    await session.post({ jsonrpc: "2.0", id: asked.id, result: { action: "accept", content: {} } });
    expect(await session.stream.message()).toMatchObject({ id: 5, result: { content: [{ text: '{"id":"7"}' }] } });
    session.stream.close();
  });

  it("is impossible for a client that takes JSON only, or has no session", async () => {
    const session = await open();
    const json = await session.post(toolCall("delete", { id: "7" }), { accept: "application/json" });
    expect(json.json()).toMatchObject({
      result: { isError: true, content: [{ text: expect.stringContaining("event stream") }] },
    });
    await session.end();
    const stateless = await send(`${folder.url}/stateless/mcp`, {
      headers: { accept: acceptBoth, "mcp-protocol-version": "2025-11-25" },
      body: toolCall("delete", { id: "7" }),
    });
    expect(stateless.json()).toMatchObject({
      result: { isError: true, content: [{ text: expect.stringContaining("no session") }] },
    });
    expect(calls).toBe(0);
  });
});
