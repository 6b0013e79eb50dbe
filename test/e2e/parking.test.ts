import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BridgeServer, bridgeServer } from "../fixtures/bridge-server.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { openEvents, type RawAnswer, send } from "../fixtures/raw-http.ts";
import { serveDocuments, type ServedFolder } from "../fixtures/served-folder.ts";
import { type ListeningFixture, serveHttp } from "../fixtures/upstreams/serve-fixture.ts";

const capabilities = { elicitation: {}, sampling: {}, roots: {} };

const ann = "ann-0123456789abcdef0123456789abcdef";
const bob = "bob-0123456789abcdef0123456789abcdef";

let server: BridgeServer;
let listening: ListeningFixture;
let folder: ServedFolder;
let nextTag = 0;

beforeAll(async () => {
  server = bridgeServer();
  listening = await serveHttp(server, "2025-11-25");
  const overrides = { ask: { confirm: { message: "Ask?" } } };
  folder = await serveDocuments(
    {
      "bridge.yaml": document("bridge"),
      "hasty.yaml": document("hasty", { inputTimeoutMs: 150 }),
      "careful.yaml": document("careful", {}, { tools: { overrides } }),
      "changing.yaml": document("changing"),
      "locked.yaml": document("locked"),
    },
    { flags: { apiKeys: [`ann=${ann}`, `bob=${bob}`] } },
  );
});

function document(name: string, changes: object = {}, more: object = {}): object {
  const upstream = { kind: "mcp", url: listening.url, sharing: "shared", egress: { allow: ["127.0.0.1"] } };
  return {
    name,
    routes: [{ prefix: `/${name}`, access: name === "locked" ? "key" : "public" }],
    upstreams: { server: { ...upstream, ...changes } },
    expose: [{ upstream: "server", ...more }],
  };
}

afterAll(async () => {
  await folder?.close();
  await listening?.close();
});

interface Result {
  readonly resultType: string;
  readonly inputRequests: Readonly<Record<string, { method: string; params: { message?: string } }>>;
  readonly requestState: string;
  readonly content: readonly { text: string }[];
  readonly isError?: boolean;
}

interface Answer {
  readonly result: Result;
  readonly error: { readonly code: number; readonly message: string; readonly data?: unknown };
}

interface CallOptions {
  readonly name?: string;
  readonly args?: object;
  readonly round?: object;
  readonly meta?: object;
  readonly prefix?: string;
  readonly headers?: object;
}

/** A `tools/call` of a client of 2026-07-28 that can be asked everything. */
function request({
  name = "ask",
  args = {},
  round = {},
  meta = {},
  headers = {},
}: CallOptions): ReturnType<typeof modernRequest> {
  return modernRequest("tools/call", {
    params: { name, arguments: args, ...round },
    meta: { "io.modelcontextprotocol/clientCapabilities": capabilities, ...meta },
    headers: { ...headers },
  });
}

async function call(options: CallOptions): Promise<Answer> {
  const answer: RawAnswer = await send(`${folder.url}/${options.prefix ?? "bridge"}/mcp`, request(options));
  return answer.json() as Answer;
}

const freshTag = (): string => `tag-${++nextTag}`;
const accept = (text: string): object => ({ action: "accept", content: { text } });
const parked = (): unknown => folder.gateway.status()["parked"];

describe("a call that asks a client of 2026-07-28", () => {
  it("waits at the upstream while the client answers", async () => {
    const args = { tag: freshTag() };
    const { result } = await call({ args });
    const [key = ""] = Object.keys(result.inputRequests);
    expect(result).toMatchObject({
      resultType: "input_required",
      inputRequests: { [key]: { method: "elicitation/create", params: { message: `Text for ${args.tag}?` } } },
    });
    expect(folder.gateway.status()).toMatchObject({ parked: 1, pendingInput: 1 });
    const round = { requestState: result.requestState, inputResponses: { [key]: accept("hello") } };
    const done = await call({ args, round });
    expect(done.result).toMatchObject({ resultType: "complete", content: [{ text: `${args.tag}: hello` }] });
    expect(folder.gateway.status()).toMatchObject({ parked: 0, pendingInput: 0 });
  });

  it("puts questions that come together into one round, and asks again for those without an answer", async () => {
    const options = { name: "ask_three", args: { tag: freshTag() } };
    const { result } = await call(options);
    const byMethod = Object.fromEntries(Object.entries(result.inputRequests).map(([key, { method }]) => [method, key]));
    expect(Object.keys(byMethod).sort()).toEqual(["elicitation/create", "roots/list", "sampling/createMessage"]);
    const form = byMethod["elicitation/create"] ?? "";
    const model = byMethod["sampling/createMessage"] ?? "";
    const roots = byMethod["roots/list"] ?? "";
    const { requestState } = result;
    const first = { [form]: accept("text"), [model]: 7, unknown: accept("?") };
    const again = await call({ ...options, round: { requestState, inputResponses: first } });
    expect(Object.keys(again.result.inputRequests).sort()).toEqual([model, roots].sort());
    const said = { role: "assistant", model: "m", content: { type: "text", text: "words" } };
    const rest = { [model]: said, [roots]: { roots: [{ uri: "file:///r" }] } };
    const done = await call({ ...options, round: { requestState: again.result.requestState, inputResponses: rest } });
    expect(done.result.content).toMatchObject([{ text: 'text|words|[{"uri":"file:///r"}]' }]);
    expect(parked()).toBe(0);
  });

  it("goes on over several rounds, with progress that grows on whichever request is open", async () => {
    const options = { name: "ask_often", args: { tag: freshTag(), times: 3 }, meta: { progressToken: "p" } };
    let round: object = {};
    const seen: number[] = [];
    for (let turn = 1; turn <= 3; turn++) {
      const stream = await openEvents(`${folder.url}/bridge/mcp`, request({ ...options, round }));
      const progress = (await stream.message()) as { params: { progress: number; progressToken: string } };
      expect(progress.params.progressToken).toBe("p");
      seen.push(progress.params.progress);
      const { result } = (await stream.message()) as Answer;
      const [key = ""] = Object.keys(result.inputRequests);
      expect(result.inputRequests[key]?.params.message).toBe(`Round ${turn}?`);
      round = { requestState: result.requestState, inputResponses: { [key]: accept(`a${turn}`) } };
    }
    expect(seen).toEqual([1, 2, 3]);
    const done = await call({ ...options, round });
    expect(done.result.content).toMatchObject([{ text: "a1,a2,a3" }]);
  });

  it("is found by its own state, parameters and route alone, and by one request at a time", async () => {
    const args = { tag: freshTag() };
    const { result } = await call({ args });
    const [key = ""] = Object.keys(result.inputRequests);
    const { requestState } = result;
    const inputResponses = { [key]: accept("mine") };
    const refused = [
      call({ args: { tag: "other" }, round: { requestState, inputResponses } }),
      call({ args, round: { requestState: `${requestState}-TAMPERED`, inputResponses } }),
      call({ args, round: { requestState, inputResponses }, prefix: "hasty" }),
      call({ args, name: "ask_often", round: { requestState, inputResponses } }),
    ];
    for (const { error } of await Promise.all(refused)) expect(error).toMatchObject({ code: -32602 });
    expect(parked()).toBe(1);
    const [one, two] = await Promise.all([
      call({ args, round: { requestState, inputResponses } }),
      call({ args, round: { requestState, inputResponses } }),
    ]);
    const [done, late] = one.error === undefined ? [one, two] : [two, one];
    expect(done.result.content).toMatchObject([{ text: `${args.tag}: mine` }]);
    expect(late.error).toMatchObject({ code: -32602 });
    const over = await call({ args, round: { requestState, inputResponses } });
    expect(over.error).toMatchObject({ code: -32602, message: expect.stringContaining("without it") });
  });

  it("does not end when the connection of the first request is closed, but with that of the retry", async () => {
    const args = { tag: freshTag(), times: 2 };
    const options = { name: "ask_often", args, meta: { progressToken: 1 } };
    const stream = await openEvents(`${folder.url}/bridge/mcp`, request(options));
    await stream.message();
    const { result } = (await stream.message()) as Answer;
    stream.close();
    const [key = ""] = Object.keys(result.inputRequests);
    const round = { requestState: result.requestState, inputResponses: { [key]: accept("x") } };
    const retry = await openEvents(`${folder.url}/bridge/mcp`, request({ ...options, round }));
    await retry.message(); // progress: the call goes on
    retry.close();
    expect(await server.ended(args.tag)).toBe("cancelled");
    expect(parked()).toBe(0);
  });

  it("ends for a client that does not come back: the upstream hears that the user cancelled", async () => {
    const args = { tag: freshTag() };
    const { result } = await call({ args, prefix: "hasty" });
    expect(await server.ended(args.tag)).toContain(`${args.tag}: cancel`);
    expect(parked()).toBe(0);
    const round = { requestState: result.requestState, inputResponses: { "input-1": accept("late") } };
    expect(await call({ args, round, prefix: "hasty" })).toMatchObject({ error: { code: -32602 } });
  });

  it("ends when something is asked that the client has not declared, and names it", async () => {
    const args = { tag: freshTag() };
    const meta = { "io.modelcontextprotocol/clientCapabilities": { sampling: {} } };
    const answer = await send(`${folder.url}/bridge/mcp`, request({ args, meta }));
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({
      error: { code: -32021, data: { requiredCapabilities: { elicitation: {} } } },
    });
    expect(await server.ended(args.tag)).toBe("cancelled");
    expect(folder.gateway.status()).toMatchObject({ parked: 0, pendingInput: 0 });
  });

  it("ends like that too while the client is away: it hears why when it comes back", async () => {
    const meta = { "io.modelcontextprotocol/clientCapabilities": { elicitation: {} } };
    const options = { name: "ask_more_later", args: { tag: freshTag() }, meta };
    const { result } = await call(options);
    server.askMore(options.args.tag);
    expect(await server.ended(options.args.tag)).toBe("cancelled");
    const [key = ""] = Object.keys(result.inputRequests);
    const round = { requestState: result.requestState, inputResponses: { [key]: accept("x") } };
    expect(await call({ ...options, round })).toMatchObject({
      error: { code: -32021, data: { requiredCapabilities: { sampling: {} } } },
    });
    expect(folder.gateway.status()).toMatchObject({ parked: 0, pendingInput: 0 });
  });

  it("is confirmed first where the document says so, and asks its own question after that", async () => {
    const options = { prefix: "careful", args: { tag: freshTag() } };
    const first = await call(options);
    expect(first.result.inputRequests).toMatchObject({ confirm: { params: { message: "Ask?" } } });
    expect(parked()).toBe(0);
    const { requestState } = first.result;
    const second = await call({ ...options, round: { requestState, inputResponses: { confirm: accept("") } } });
    const [key = ""] = Object.keys(second.result.inputRequests);
    expect(second.result.inputRequests[key]?.params.message).toContain("Text for");
    const round = { requestState: second.result.requestState, inputResponses: { [key]: accept("yes") } };
    expect((await call({ ...options, round })).result.content).toMatchObject([{ text: `${options.args.tag}: yes` }]);
  });

  it("turns the wish for a URL into a question, and calls again when it was opened", async () => {
    const meta = { "io.modelcontextprotocol/clientCapabilities": { elicitation: { url: {} } } };
    const options = { name: "visit", args: { tag: freshTag() }, meta };
    const { result } = await call(options);
    expect(result.inputRequests).toEqual({
      "url-1": {
        method: "elicitation/create",
        params: { mode: "url", message: "Log in.", url: "https://example.com/login" },
      },
    });
    const { requestState } = result;
    const declined = await call({
      ...options,
      round: { requestState, inputResponses: { "url-1": { action: "decline" } } },
    });
    expect(declined.result).toMatchObject({ isError: true });
    const opened = await call({
      ...options,
      round: { requestState, inputResponses: { "url-1": { action: "accept" } } },
    });
    expect(opened.result.content).toMatchObject([{ text: "visited" }]);
    const unable = await call({ name: "visit", args: { tag: freshTag() } });
    expect(unable.result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining("https://") }] });
  });
});

describe("calls that wait, and reloads", () => {
  it("are found again after their document has changed", async () => {
    const args = { tag: freshTag() };
    const { result } = await call({ args, prefix: "changing" });
    await folder.write("changing.yaml", document("changing", { idleMs: 1_000 }));
    await folder.gateway.reload();
    const round = { requestState: result.requestState, inputResponses: { "input-1": accept("kept") } };
    const done = await call({ args, round, prefix: "changing" });
    expect(done.result.content).toMatchObject([{ text: `${args.tag}: kept` }]);
  });

  it("leave one series of each kind for an upstream, also while its old connections are needed", async () => {
    const args = { tag: freshTag() };
    const { result } = await call({ args, prefix: "changing" });
    await folder.write("changing.yaml", document("changing", { idleMs: 2_000 }));
    await folder.gateway.reload();
    await send(`${folder.url}/changing/mcp`, modernRequest("tools/list", {})); // opens the new connection
    const { text } = await send(`${folder.gateway.opsUrl}/metrics`, { method: "GET" });
    const series = text.split("\n").filter((line) => line.startsWith("passerelle_upstream_up{"));
    expect(series.filter((line) => line.includes('server="default/changing"'))).toHaveLength(1);
    const round = { requestState: result.requestState, inputResponses: { "input-1": accept("kept") } };
    expect((await call({ args, round, prefix: "changing" })).result.content).toMatchObject([
      { text: `${args.tag}: kept` },
    ]);
  });

  it("end when their route is no longer served", async () => {
    const args = { tag: freshTag() };
    await call({ args, prefix: "changing" });
    expect(parked()).toBe(1);
    await folder.remove("changing.yaml");
    await folder.gateway.reload();
    expect(await server.ended(args.tag)).toMatch(/cancel/);
    expect(folder.gateway.status()).toMatchObject({ parked: 0, pendingInput: 0 });
  });
});

describe("calls that wait, and limits", () => {
  it("take a bounded number of questions", async () => {
    const options = { name: "ask_at_once", args: { tag: freshTag(), times: 103 } };
    const { result } = await call(options);
    expect(folder.gateway.status()).toMatchObject({ parked: 1, pendingInput: 100 });
    const keys = Object.keys(result.inputRequests);
    const inputResponses = Object.fromEntries(keys.map((key) => [key, accept("x")]));
    const done = await call({ ...options, round: { requestState: result.requestState, inputResponses } });
    expect(done.result.content).toMatchObject([{ text: "100" }]);
  });

  it("belong to the holder of a key, and are bounded for each", async () => {
    const headersOf = (key: string): object => ({ authorization: `Bearer ${key}` });
    const waiting = Array.from({ length: 101 }, () =>
      call({ args: { tag: freshTag() }, prefix: "locked", headers: headersOf(ann) }),
    );
    const answers = await Promise.all(waiting);
    const refused = answers.filter(({ error }) => error !== undefined);
    expect(refused).toMatchObject([{ error: { message: expect.stringContaining("Too many calls wait") } }]);
    expect(parked()).toBe(100);
    const { result } = answers.find((answer) => answer.error === undefined) ?? (await call({}));
    const tag = /Text for (.*)\?/.exec(result.inputRequests["input-1"]?.params.message ?? "")?.[1];
    const options = {
      args: { tag },
      prefix: "locked",
      round: { requestState: result.requestState, inputResponses: { "input-1": accept("mine") } },
    };
    const stolen = await call({ ...options, headers: headersOf(bob) });
    expect(stolen.error).toMatchObject({ code: -32602 });
    const own = await call({ ...options, headers: headersOf(ann) });
    expect(own.result.content).toMatchObject([{ text: `${tag}: mine` }]);
    expect(parked()).toBe(99);
  });
});

it("a gateway that closes leaves no call behind", async () => {
  const args = { tag: freshTag() };
  await call({ args });
  expect(parked()).toBeGreaterThan(0);
  await folder.close();
  expect(await server.ended(args.tag)).toMatch(/cancel/);
});
