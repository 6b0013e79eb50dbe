import { execFile } from "node:child_process";
import { request, type RequestListener } from "node:http";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import type { SeenHttpExchange, ToolRun } from "../../src/core/tool-runner.ts";
import type { WarmToolRunnerOptions } from "../../src/gateway/trial/warm-tool-runner.ts";
import { echoListener, echoTool, localUpstream } from "../fixtures/echo-document.ts";
import { type LocalBackend, startBackend, whenClosed } from "../fixtures/local-backend.ts";
import { ManualClock } from "../fixtures/manual-clock.ts";
import type { RawAnswer } from "../fixtures/raw-http.ts";
import { tinyProgram } from "../fixtures/tiny-program.ts";
import { openTrySite, type TrySite } from "../fixtures/try-site.ts";
import { changingServer } from "../fixtures/upstreams/changing-server.ts";
import { serveHttp } from "../fixtures/upstreams/serve-fixture.ts";

const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const part of opened.splice(0).toReversed()) await part.close();
});

interface Site extends TrySite {
  readonly backend: LocalBackend;
  run(tool: string, body?: object): Promise<RawAnswer>;
}

async function open(listener: RequestListener, options: Partial<WarmToolRunnerOptions> = {}): Promise<Site> {
  const backend = await startBackend(listener);
  opened.push(backend);
  const site = await openTrySite(options);
  opened.push(site);
  return {
    ...site,
    backend,
    run: (tool, body = {}) => site.post(`/tenants/default/servers/crm/tools/${tool}/run`, body),
  };
}

function crm(backend: LocalBackend, changes: object = {}): Readonly<Record<string, unknown>> {
  return {
    name: "crm",
    routes: [{ prefix: "/crm", access: "public" }],
    upstreams: { api: localUpstream(backend.url) },
    tools: [echoTool],
    ...changes,
  };
}

type Answer = Omit<ToolRun, "outcome"> & {
  readonly outcome: { readonly kind: string; readonly result?: { readonly isError?: boolean } };
};

function runOf(answer: RawAnswer): Answer {
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.json() as Answer; // of the operation
}

function onlyHttp({ exchanges }: Answer): SeenHttpExchange {
  const [exchange] = exchanges;
  if (exchanges.length !== 1 || exchange?.kind !== "http") throw new Error(JSON.stringify(exchanges));
  return exchange;
}

describe("running a REST tool", () => {
  it("shows the result, what went out, what came back and how long it took", async () => {
    const site = await open(echoListener);
    site.save(crm(site.backend));
    const run = runOf(await site.run("echo", { arguments: { text: "it's" } }));
    expect(run.outcome).toMatchObject({
      kind: "result",
      result: { content: [{ type: "text", text: '{"text":"it\'s"}' }] },
    });
    const exchange = onlyHttp(run);
    expect(exchange).toMatchObject({
      upstream: "api",
      method: "POST",
      url: `${site.backend.url}/echo`,
      body: { text: '{"text":"it\'s"}', encoding: "utf8", bytes: 15, isCut: false },
      answer: { status: 200, body: { text: '{"text":"it\'s"}', bytes: 15 } },
    });
    expect(exchange.headers).toContainEqual(["content-type", "application/json"]);
    expect(exchange.answer?.headers).toContainEqual(["content-type", "application/json"]);
    expect(run.version).toBe(1);
    expect(exchange.sentAt).toBeLessThanOrEqual(exchange.answeredAt);
    expect(exchange.answeredAt).toBeLessThanOrEqual(exchange.endedAt);
    expect(run.upstreamMs).toBeGreaterThan(0);
    expect(run.totalMs).toBeGreaterThanOrEqual(run.upstreamMs);
    expect(site.audit).toMatchObject([
      { tenant: "default", action: "tool.run", actor: { id: "user:1" }, after: { tool: "echo", version: 1 } },
    ]);
    expect(JSON.stringify(site.audit)).not.toContain("it's");
  });

  it("gives a command line that a shell reads as it was meant", async () => {
    const site = await open(echoListener);
    site.save(
      crm(site.backend, {
        upstreams: { api: localUpstream(site.backend.url, { headers: { "x-odd": "a'b $HOME `x`" } }) },
      }),
    );
    const { curl } = onlyHttp(runOf(await site.run("echo", { arguments: { text: "it's $(true) \n" } })));
    const { stdout } = await promisify(execFile)("sh", ["-c", curl.replace(/^curl/, "printf '%s\\n'")]);
    expect(stdout.split("\n")).toEqual(
      expect.arrayContaining([`${site.backend.url}/echo`, "x-odd: a'b $HOME `x`", '{"text":"it\'s $(true) \\n"}']),
    );
  });

  it("keeps the digits of large integers, both ways", async () => {
    const site = await open(echoListener);
    site.save(crm(site.backend, { tools: [{ ...echoTool, output: { type: "object" } }] }));
    const answer = await site.run("echo", { argumentsText: '{"id":9007199254740993}' });
    expect(answer.text).toContain('"structuredContent":{"id":9007199254740993}');
    expect((await site.run("echo", { argumentsText: "[1]" })).status).toBe(400);
    expect((await site.run("echo", { argumentsText: "{" })).status).toBe(400);
  });

  it("tells of failures as a client would get them", async () => {
    const site = await open((_request, response) => response.writeHead(500).end("broken"));
    site.save(crm(site.backend, { tools: [{ ...echoTool, input: { type: "object", required: ["id"] } }] }));
    const invalid = runOf(await site.run("echo"));
    expect(invalid.outcome.result?.isError).toBe(true);
    expect(invalid.exchanges).toEqual([]);
    const failed = runOf(await site.run("echo", { arguments: { id: 1 } }));
    expect(failed.outcome.result?.isError).toBe(true);
    expect(onlyHttp(failed).answer).toMatchObject({ status: 500, body: { text: "broken" } });
    const unknown = runOf(await site.run("nothing%2Fhere"));
    expect(unknown.outcome).toMatchObject({ kind: "error", code: -32602 });
  });

  it("shows every attempt", async () => {
    let calls = 0;
    const site = await open((_request, response) => response.writeHead(++calls < 3 ? 503 : 200).end("{}"));
    const tool = { name: "get", upstream: "api", request: { path: "/x" } };
    const retry = { attempts: 5, backoffMs: 1, maxBackoffMs: 1 };
    site.save(crm(site.backend, { upstreams: { api: localUpstream(site.backend.url, { retry }) }, tools: [tool] }));
    const { exchanges } = runOf(await site.run("get"));
    expect(exchanges.map((exchange) => exchange.kind === "http" && exchange.answer?.status)).toEqual([503, 503, 200]);
  });

  it("shows why nothing came back", async () => {
    const site = await open((incoming) => incoming.socket.destroy());
    const refused = crm(site.backend, { upstreams: { api: { kind: "http", baseUrl: site.backend.url } } });
    site.save(refused);
    const run = runOf(await site.run("echo"));
    expect(onlyHttp(run)).toMatchObject({ failure: expect.stringMatching(/^The egress guard refused/) });
    site.save(crm(site.backend));
    expect(onlyHttp(runOf(await site.run("echo")))).toMatchObject({
      failure: expect.stringMatching(/^The exchange failed/),
    });
  });

  it("shows what is no text as base64, and of what is packed only the size", async () => {
    const packed = gzipSync("text");
    const site = await open((incoming, response) => {
      if (incoming.url === "/packed") response.writeHead(200, { "content-encoding": "gzip" }).end(packed);
      else response.writeHead(200, { "content-type": "image/png" }).end(Buffer.from([0, 255, 1]));
    });
    const tool = (name: string): object => ({ name, upstream: "api", request: { path: `/${name}` } });
    site.save(crm(site.backend, { tools: [tool("packed"), tool("image")] }));
    expect(onlyHttp(runOf(await site.run("packed"))).answer?.body).toEqual({
      text: "",
      encoding: "packed",
      bytes: packed.length,
      isCut: true,
    });
    const image = onlyHttp(runOf(await site.run("image"))).answer?.body;
    expect(image).toEqual({ text: "AP8B", encoding: "base64", bytes: 3, isCut: false });
  });

  it("runs a tool that must be confirmed only when it is", async () => {
    let calls = 0;
    const site = await open((_request, response) => response.end(`{"calls":${++calls}}`));
    site.save(crm(site.backend, { tools: [{ ...echoTool, confirm: { message: "Sure?" } }] }));
    const asked = await site.run("echo");
    expect(asked.text).toContain("Confirm the call to run it.");
    expect(calls).toBe(0);
    expect(runOf(await site.run("echo", { confirm: true })).outcome.result?.isError).toBeUndefined();
    expect(calls).toBe(1);
  });

  it("sees the headers of the request that the route lists, and those alone", async () => {
    const site = await open((incoming, response) =>
      response.end(JSON.stringify([incoming.headers["x-shop"], incoming.headers["x-other"]])),
    );
    const api = localUpstream(site.backend.url, { forwardHeaders: ["x-shop"] });
    site.save(crm(site.backend, { upstreams: { api } }));
    const answer = await site.run("echo", { headers: { "x-shop": "7", "x-other": "8" } });
    expect(onlyHttp(runOf(answer)).answer?.body.text).toBe('["7",null]');
  });
});

describe("secrets of a run", () => {
  const value = 'top/secret "value"+ü';

  it("are shown by their names wherever they stand, in whatever spelling", async () => {
    const site = await open((incoming, response) => {
      const echoed = { url: incoming.url, headers: incoming.headers, plain: value, upper: value.toUpperCase() };
      response.writeHead(200, { "content-type": "application/json", "x-echo": encodeURIComponent(value) });
      response.end(
        JSON.stringify({ ...echoed, inner: JSON.stringify({ value }), hex: Buffer.from(value).toString("hex") }),
      );
    });
    site.secrets["default"] = { KEY: value, NUMBER: "123456789", HOST: site.backend.url.slice("http://".length) };
    const secret = "${secrets.KEY}";
    const api = localUpstream("http://${secrets.HOST}", {
      headers: {
        authorization: `Bearer ${secret}`,
        "x-key": secret,
        "x-basic": "Basic ${base64Encode('me:' + secrets.KEY)}",
      },
      query: { key: secret },
    });
    const request = {
      method: "POST",
      path: "/p",
      body: { json: { key: secret, n: "${secrets.NUMBER}", form: "${urlEncode(secrets.KEY)}" } },
    };
    site.save(crm(site.backend, { upstreams: { api }, tools: [{ name: "send", upstream: "api", request }] }));
    const answer = await site.run("send");
    const run = runOf(answer);
    expect(run.outcome.result?.isError).toBeUndefined();
    expect(onlyHttp(run).url).toBe("http://${secrets.HOST}/p?key=${secrets.KEY}");
    expect(onlyHttp(run).headers).toEqual(
      expect.arrayContaining([
        ["authorization", "Bearer ***"],
        ["x-key", "***"],
      ]),
    );
    const base64 = [0, 1, 2].map((i) =>
      Buffer.from("me:".slice(i) + value)
        .toString("base64")
        .slice(6, 20),
    );
    const spellings = [
      value,
      "top/secret",
      "top%2Fsecret",
      "123456789",
      "746f702f736563726574",
      String(site.backend.port),
    ];
    for (const spelling of [...spellings, ...base64]) {
      expect(answer.text.toLowerCase()).not.toContain(spelling.toLowerCase());
    }
    expect(answer.text).toContain("${secrets.KEY}");
  });

  it("are masked also where the cut of a body runs through them", async () => {
    const long = "S3cr3t".repeat(300);
    for (const before of [65_000, 65_535, 65_536, 60_000]) {
      const text = "-".repeat(before) + long.repeat(20);
      const site = await open((_request, response) => response.end(text));
      site.secrets["default"] = { KEY: long };
      const api = localUpstream(site.backend.url, { headers: { "x-key": "${secrets.KEY}" } });
      const tool = { name: "get", upstream: "api", request: { path: "/" }, result: "done" };
      site.save(crm(site.backend, { upstreams: { api }, tools: [tool] }));
      const answer = await site.run("get");
      expect(onlyHttp(runOf(answer)).answer?.body).toMatchObject({ bytes: text.length, isCut: true });
      expect(answer.text).not.toMatch(/S3cr3t/i);
    }
  });

  it("of others are not hidden, and headers that tell who somebody is always are", async () => {
    const site = await open((_request, response) =>
      response.writeHead(200, { "set-cookie": ["sid=abc", "b=c"], "x-plain": "shown" }).end("other-value"),
    );
    site.secrets["default"] = { UNUSED: "other-value" };
    const headers = { "x-api-key": "literal", authorization: "Basic bGl0ZXJhbA==", "x-trace": "seen" };
    site.save(crm(site.backend, { upstreams: { api: localUpstream(site.backend.url, { headers }) } }));
    const answer = await site.run("echo");
    expect(answer.text).toContain("other-value");
    for (const hidden of ["literal", "bGl0ZXJhbA", "sid=abc"]) expect(answer.text).not.toContain(hidden);
    expect(onlyHttp(runOf(answer)).answer?.headers).toEqual(
      expect.arrayContaining([
        ["set-cookie", "***"],
        ["x-plain", "shown"],
      ]),
    );
  });
});

describe("a run that is given up", () => {
  it("ends its call when the client goes away", async () => {
    const { promise, site } = await hanging();
    const post = request(`${site.url}/tenants/default/servers/crm/tools/echo/run`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-role": "editor@default" },
    });
    post.on("error", () => undefined);
    post.end("{}");
    const { socket } = await promise;
    post.destroy();
    await whenClosed(socket);
  });

  it("ends at its deadline", async () => {
    const { promise, site } = await hanging();
    const answer = site.run("echo", { timeoutMs: 300 });
    const { socket } = await promise;
    expect(runOf(await answer).outcome).toMatchObject({ kind: "error", message: "The run took longer than 300 ms." });
    await whenClosed(socket);
  });

  async function hanging() {
    let hear: (incoming: Parameters<RequestListener>[0]) => void = () => undefined;
    const promise = new Promise<Parameters<RequestListener>[0]>((resolve) => {
      hear = resolve;
    });
    const site = await open((incoming) => hear(incoming));
    site.save(crm(site.backend));
    return { promise, site };
  }
});

describe("what is saved", () => {
  it("is what runs: the newest version, or an older one that may do no more", async () => {
    const site = await open((incoming, response) => response.end(JSON.stringify(incoming.url)));
    const version = (path: string, changes: object = {}): object =>
      crm(site.backend, { tools: [{ name: "get", upstream: "api", request: { path } }], ...changes });
    site.save({ ...version("/one") });
    site.save({ ...version("/two") });
    const bodyOf = async (body: object): Promise<string | undefined> =>
      onlyHttp(runOf(await site.run("get", body))).answer?.body.text;
    expect(await bodyOf({})).toBe('"/two"');
    expect(await bodyOf({ version: 1 })).toBe('"/one"');
    expect((await site.run("get", { version: 3 })).status).toBe(404);
    // The address is closed, so older versions must not open it again.
    site.save({ ...version("/three", { upstreams: { api: { kind: "http", baseUrl: site.backend.url } } }) });
    expect(await site.run("get", { version: 1 })).toMatchObject({ status: 403 });
    expect(onlyHttp(runOf(await site.run("get"))).failure).toMatch(/egress guard/);
    site.remove("crm");
    expect((await site.run("get")).status).toBe(404);
    expect((await site.run("get", { version: 1 })).status).toBe(404);
  });

  it("is refused with its problems when it cannot be served", async () => {
    const site = await open(echoListener);
    site.save(crm(site.backend, { tools: [{ ...echoTool, upstream: "nobody" }] }));
    const answer = await site.run("echo");
    expect(answer).toMatchObject({ status: 422 });
    expect(answer.json()).toMatchObject({ code: "unprocessable", problems: [{ path: ["tools", 0, "upstream"] }] });
  });

  it("cannot be replaced by a text in the request", async () => {
    const site = await open(echoListener);
    site.save(crm(site.backend));
    for (const key of ["text", "document", "config", "upstreams"]) {
      expect((await site.run("echo", { [key]: JSON.stringify(crm(site.backend)) })).status).toBe(400);
    }
  });

  it("runs for those who may, in their own tenant", async () => {
    let calls = 0;
    const site = await open((_request, response) => response.end(String(++calls)));
    site.save(crm(site.backend));
    const path = "/tenants/default/servers/crm/tools/echo/run";
    for (const [role, status] of [
      ["", 401],
      ["viewer@default", 403],
      ["administrator@other", 403],
    ] as const) {
      expect((await site.post(path, {}, role)).status).toBe(status);
    }
    expect(calls).toBe(0);
    for (const role of ["operator@default", "editor@default", "administrator@*"]) {
      expect((await site.post(path, {}, role)).status).toBe(200);
    }
    expect(calls).toBe(3);
  });
});

describe("the warm pool", () => {
  it("keeps sockets for the next run, and ends them when the version or a secret changes", async () => {
    const site = await open(echoListener);
    site.secrets["default"] = { KEY: "one" };
    const document = (title: string): object =>
      crm(site.backend, {
        title,
        upstreams: { api: localUpstream(site.backend.url, { headers: { "x-trace": "${secrets.KEY}" } }) },
      });
    site.save({ ...document("a") });
    await site.run("echo");
    const [first] = site.backend.sockets;
    await site.run("echo");
    expect([...site.backend.sockets]).toEqual([first]);
    expect(site.runner.size).toBe(1);

    site.save({ ...document("b") });
    await site.run("echo");
    if (first !== undefined) await whenClosed(first);
    expect(site.runner.size).toBe(1);
    const [second] = site.backend.sockets;
    site.secrets["default"] = { KEY: "two" };
    await site.run("echo");
    if (second !== undefined) await whenClosed(second);
    expect(site.runner.size).toBe(1);
  });

  it("lets go what nobody uses for a while, and is never larger than it may be", async () => {
    const clock = new ManualClock();
    const site = await open(echoListener, { clock, idleMs: 1_000, maxServers: 2 });
    const use = async (name: string): Promise<void> => {
      site.save({ ...crm(site.backend), name });
      await site.post(`/tenants/default/servers/${name}/tools/echo/run`, {});
    };
    await use("a");
    const [first] = site.backend.sockets;
    await clock.advance(1);
    await use("b");
    await use("c");
    if (first !== undefined) await whenClosed(first);
    const rest = [...site.backend.sockets];
    expect(rest.length).toBe(2);
    await clock.advance(3_000);
    await Promise.all(rest.map(whenClosed));
    await site.runner.close();
    expect(site.runner.size).toBe(0);
  });

  it("refuses more when all of it is in use, and ends runs when it is closed", async () => {
    const waiting: (() => void)[] = [];
    let hear: () => void = () => undefined;
    const heard = new Promise<void>((resolve) => {
      hear = resolve;
    });
    const site = await open(
      (_request, response) => {
        waiting.push(() => response.end("{}"));
        hear();
      },
      { maxServers: 1 },
    );
    site.save(crm(site.backend));
    site.save({ ...crm(site.backend), name: "other" });
    const running = site.run("echo");
    await heard;
    const refused = await site.post("/tenants/default/servers/other/tools/echo/run", {});
    expect(refused).toMatchObject({ status: 503 });
    for (const answer of waiting) answer();
    expect((await running).status).toBe(200);
    await site.runner.close();
    expect(site.runner.size).toBe(0);
    expect((await site.run("echo")).status).toBe(503);
  });
});

describe("running a tool of an MCP server", () => {
  it("shows the messages of the call, with the names of both sides", async () => {
    const fixture = await serveHttp(changingServer("files", "find"), "2025-11-25");
    opened.push(fixture);
    const site = await open(echoListener);
    const files = { kind: "mcp", url: fixture.url, egress: { allow: ["127.0.0.1"] } };
    site.save(crm(site.backend, { upstreams: { files }, tools: [], expose: [{ upstream: "files", prefix: "f" }] }));
    const run = runOf(await site.run("f_find", { arguments: { text: "x" } }));
    expect(run.outcome).toMatchObject({ kind: "result", result: { content: [{ text: "files find x" }] } });
    expect(run.exchanges).toMatchObject([{ kind: "mcp", upstream: "files" }]);
    const [exchange] = run.exchanges;
    if (exchange?.kind !== "mcp") throw new Error("expected a request to an MCP server");
    expect(JSON.parse(exchange.request.text)).toMatchObject({
      method: "tools/call",
      params: { name: "find", arguments: { text: "x" } },
    });
    expect(JSON.parse(exchange.answer?.text ?? "")).toMatchObject({ result: { content: [{ text: "files find x" }] } });

    // From now on previews know what it offers.
    const preview = await site.post("/tenants/default/servers/crm/preview", {});
    expect(preview.json()).toMatchObject({ tools: { entries: [{ name: "f_find" }] }, notAsked: [] });
  });

  it("starts a program of the newest version, and ends it with the pool", async () => {
    const site = await open(echoListener);
    site.secrets["default"] = { KEY: "very-secret" };
    const document = crm(site.backend, {
      upstreams: { tiny: tinyProgram({ env: { TOKEN: "${secrets.KEY}" } }) },
      tools: [],
    });
    site.save(document);
    const first = runOf(await site.run("show"));
    const second = runOf(await site.run("show"));
    const [, id] = /"text":"(\d+) \$\{secrets\.KEY\}"/.exec(JSON.stringify(first.outcome)) ?? [];
    expect(Number(id)).toBeGreaterThan(0);
    expect(second.outcome).toEqual(first.outcome); // the same process
    site.save(crm(site.backend, { tools: [echoTool] }));
    expect(await site.run("show", { version: 1 })).toMatchObject({ status: 403 });
    await site.runner.close();
    expect(() => process.kill(Number(id), 0)).toThrow(/ESRCH/);
  });
});
