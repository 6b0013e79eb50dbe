import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bridgeServer } from "../fixtures/bridge-server.ts";
import { toolCall } from "../fixtures/echo-document.ts";
import { type LegacySession, openSession } from "../fixtures/legacy-session.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import type { EventStream } from "../fixtures/raw-http.ts";
import { send } from "../fixtures/raw-http.ts";
import { serveDocuments, type ServedFolder } from "../fixtures/served-folder.ts";
import { type FixtureSdk, type ListeningFixture, serveHttp } from "../fixtures/upstreams/serve-fixture.ts";

// Clients of either era in front of servers of the other one, where questions have to change their shape.

const sdks = ["2025-11-25", "2026-07-28"] as const satisfies readonly FixtureSdk[];
const everything = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };

let listening: ListeningFixture[] = [];
let folder: ServedFolder;

beforeAll(async () => {
  listening = await Promise.all(sdks.map((sdk) => serveHttp(bridgeServer(), sdk)));
  folder = await serveDocuments(
    Object.fromEntries(sdks.map((sdk, index) => [`${sdk}.yaml`, document(sdk, listening[index]?.url)])),
  );
});

afterAll(async () => {
  await folder?.close();
  await Promise.all(listening.map((fixture) => fixture.close()));
});

function document(sdk: string, url: string | undefined): object {
  const overrides = { ask: { confirm: { message: "Ask?" } } };
  return {
    name: `v${sdk}`,
    routes: [{ prefix: `/${sdk}`, access: "public" }],
    upstreams: { server: { kind: "mcp", url, sharing: "shared", egress: { allow: ["127.0.0.1"] } } },
    expose: [{ upstream: "server", tools: { overrides } }],
  };
}

interface Asked {
  readonly id: number;
  readonly method: string;
  readonly params: { readonly message?: string };
}

/** What a client says to any question. */
const answers: Readonly<Record<string, object>> = {
  "elicitation/create": { action: "accept", content: { text: "typed" } },
  "sampling/createMessage": { role: "assistant", model: "m", content: { type: "text", text: "said" } },
  "roots/list": { roots: [{ uri: "file:///r" }] },
};

/** Answers questions on a stream until the result comes; gives both. */
async function answerAll(session: LegacySession, stream: EventStream): Promise<{ asked: Asked[]; answer: unknown }> {
  const asked: Asked[] = [];
  for (;;) {
    const message = (await stream.message()) as Asked;
    if (message.method === undefined) return { asked, answer: message };
    asked.push(message);
    await session.post({ jsonrpc: "2.0", id: message.id, result: answers[message.method] });
  }
}

describe.each(sdks)("a session in front of a server of %s", (sdk) => {
  const open = (capabilities: object = everything, revision = "2025-11-25") =>
    openSession(`${folder.url}/${sdk}/mcp`, revision, capabilities);

  it("is asked by requests on the stream of its call", async () => {
    const session = await open();
    const stream = await session.stream(toolCall("ask_three", { tag: sdk }, "seven"));
    const { asked, answer } = await answerAll(session, stream);
    expect(asked.map(({ method }) => method).sort()).toEqual(Object.keys(answers).sort());
    expect(new Set(asked.map(({ id }) => id)).size).toBe(3);
    expect(answer).toMatchObject({
      id: "seven",
      result: { content: [{ text: 'typed|said|[{"uri":"file:///r"}]' }] },
    });
    expect(JSON.stringify(answer)).not.toContain("resultType");
    await session.end();
  });

  it("is asked to confirm, and then what the server wants to know", async () => {
    const session = await open();
    const stream = await session.stream(toolCall("ask", { tag: sdk }));
    const { asked, answer } = await answerAll(session, stream);
    expect(asked.map(({ params }) => params.message)).toEqual(["Ask?", `Text for ${sdk}?`]);
    expect(answer).toMatchObject({ result: { content: [{ text: `${sdk}: typed` }] } });
    await session.end();
  });

  it("reads what it lacks when it cannot be asked", async () => {
    for (const [capabilities, revision] of [
      [{ sampling: {}, roots: {} }, "2025-11-25"],
      [everything, "2025-03-26"],
    ] as const) {
      const session = await open(capabilities, revision);
      const answer = await session.post(toolCall("ask_often", { tag: sdk, times: 1 }));
      expect(answer.json()).toMatchObject({
        result: { isError: true, content: [{ text: expect.stringMatching(/elicitation/i) }] },
      });
      await session.end();
    }
  });

  it("leaves no question behind when the call is cancelled", async () => {
    const session = await open();
    const stream = await session.stream(toolCall("ask_three", { tag: sdk }, 9));
    const ids = [await stream.message(), await stream.message(), await stream.message()].map(
      (asked) => (asked as Asked).id,
    );
    expect(folder.gateway.status()).toMatchObject({ pendingInput: 3 });
    await session.post({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 9 } });
    const withdrawn = [await stream.message(), await stream.message(), await stream.message()];
    expect(withdrawn.map((message) => (message as { params: { requestId: number } }).params.requestId)).toEqual(ids);
    expect(await stream.next()).toBeUndefined();
    expect(folder.gateway.status()).toMatchObject({ pendingInput: 0 });
    await session.end();
  });
});

describe("a server that asks for very much", () => {
  it("gets no more than a hundred questions to a session at once", async () => {
    const session = await openSession(`${folder.url}/2025-11-25/mcp`, "2025-11-25", everything);
    const stream = await session.stream(toolCall("ask_at_once", { tag: "much", times: 103 }));
    const { asked, answer } = await answerAll(session, stream);
    expect(asked).toHaveLength(100);
    expect(answer).toMatchObject({ result: { content: [{ text: "100" }] } });
    await session.end();
  });

  it("is taken for broken after ten rounds of 2026-07-28", async () => {
    const session = await openSession(`${folder.url}/2026-07-28/mcp`, "2025-11-25", everything);
    const stream = await session.stream(toolCall("ask_often", { tag: "often", times: 11 }));
    const { asked, answer } = await answerAll(session, stream);
    expect(asked).toHaveLength(10);
    expect(answer).toMatchObject({
      result: { isError: true, content: [{ text: expect.stringContaining("10 times") }] },
    });
    await session.end();
  });
});

describe("a wish for a URL of a server of 2025-11-25", () => {
  const visit = async (revision: string, tag: string): Promise<unknown> => {
    const session = await openSession(`${folder.url}/2025-11-25/mcp`, revision, everything);
    const answer = (await session.post(toolCall("visit", { tag }))).json();
    await session.end();
    return answer;
  };

  it("reaches clients of that revision as the error that it is", async () => {
    const url = "https://example.com/login";
    expect(await visit("2025-11-25", "same")).toMatchObject({
      error: { code: -32042, data: { elicitations: [{ url }] } },
    });
  });

  it("is text for older clients", async () => {
    expect(await visit("2025-06-18", "older")).toMatchObject({
      result: { isError: true, content: [{ text: expect.stringContaining("https://example.com/login") }] },
    });
  });
});

describe("a client of 2026-07-28 in front of a server of its revision", () => {
  const call = async (params: object, capabilities: object = everything): Promise<Answer> => {
    const meta = { "io.modelcontextprotocol/clientCapabilities": capabilities };
    const answer = await send(
      `${folder.url}/2026-07-28/mcp`,
      modernRequest("tools/call", { params: { ...params }, meta }),
    );
    return answer.json() as Answer;
  };

  it("answers questions under the server's own keys, and nothing waits at the gateway", async () => {
    const params = { name: "ask_three", arguments: { tag: "passed" } };
    const { result } = await call(params);
    expect(Object.keys(result.inputRequests).sort()).toEqual(["form", "model", "roots"]);
    expect(folder.gateway.status()).toMatchObject({ parked: 0, pendingInput: 0 });
    const inputResponses = Object.fromEntries(
      Object.entries(result.inputRequests).map(([key, { method }]) => [key, answers[method]]),
    );
    const { requestState } = result;
    const tampered = await call({ ...params, inputResponses, requestState: `${requestState}-TAMPERED` });
    expect(tampered.error).toMatchObject({ code: -32602 });
    const moved = await call({ ...params, arguments: { tag: "other" }, inputResponses, requestState });
    expect(moved.error).toMatchObject({ code: -32602 });
    const done = await call({ ...params, inputResponses, requestState });
    expect(done.result).toMatchObject({
      resultType: "complete",
      content: [{ text: 'typed|said|[{"uri":"file:///r"}]' }],
    });
  });

  it("is told what it has to declare", async () => {
    const { error } = await call({ name: "ask_three", arguments: { tag: "x" } }, { sampling: {}, roots: {} });
    expect(error).toMatchObject({ code: -32021, data: { requiredCapabilities: { elicitation: {} } } });
  });

  it("confirms once, however often the server asks after that", async () => {
    const params = { name: "ask", arguments: { tag: "once" } };
    const first = await call(params);
    expect(first.result.inputRequests).toMatchObject({ confirm: { params: { message: "Ask?" } } });
    const confirmed = { inputResponses: { confirm: { action: "accept" } }, requestState: first.result.requestState };
    const second = await call({ ...params, ...confirmed });
    expect(second.result.inputRequests).toMatchObject({ answer: { params: { message: "Text for once?" } } });
    const typed = {
      inputResponses: { answer: answers["elicitation/create"] },
      requestState: second.result.requestState,
    };
    expect((await call({ ...params, ...typed })).result).toMatchObject({ content: [{ text: "once: typed" }] });
  });
});

interface Answer {
  readonly result: {
    readonly inputRequests: Readonly<Record<string, { method: string }>>;
    readonly requestState: string;
  };
  readonly error: { readonly code: number; readonly data?: unknown };
}
