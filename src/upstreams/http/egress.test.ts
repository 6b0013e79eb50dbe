import type { RequestListener } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { type LocalBackend, startBackend } from "../../../test/fixtures/local-backend.ts";
import { asResult, callContext, compileTool, onlyText, openUpstream } from "../../../test/fixtures/upstream-fixture.ts";
import type { Resolve } from "../egress-guard.ts";
import type { HttpUpstream } from "./http-upstream.ts";

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function serve(listener: RequestListener): Promise<LocalBackend & { hits(): number }> {
  let hits = 0;
  const backend = await startBackend(listener);
  backend.server.on("connection", () => hits++);
  closers.push(() => backend.close());
  return { ...backend, hits: () => hits };
}

function open(url: string, config: Readonly<Record<string, unknown>> = {}, resolve?: Resolve): HttpUpstream {
  const api = openUpstream({ baseUrl: url, retry: { attempts: 2, backoffMs: 1 }, ...config }, resolve && { resolve });
  closers.push(() => api.close(100));
  return api;
}

const get = compileTool({ request: { path: "/x" } });

/** Not every system resolves `localhost.` by itself. */
const toThisMachine: Resolve = (_hostname, callback) =>
  callback(null, [
    { address: "::1", family: 6 },
    { address: "127.0.0.1", family: 4 },
  ]);

describe("the egress guard on the socket", () => {
  test("no spelling of this machine is reached unless it is allowed", async () => {
    const backend = await serve((_request, response) => response.end("secret"));
    const hosts = [
      "127.0.0.1",
      "127.1",
      "2130706433",
      "0x7f.1",
      "localhost",
      "localhost.",
      "[::ffff:127.0.0.1]",
      "0.0.0.0",
    ];
    for (const host of hosts) {
      const api = open(`http://${host}:${backend.port}`, { egress: { allow: [] } }, toThisMachine);
      const result = asResult(await api.callTool(get, callContext()));
      expect(result.isError).toBe(true);
      expect(onlyText(result)).toMatch(/egress guard refused.*`upstreams\.api\.egress\.allow`/);
      expect(api.status()).toMatchObject({ breaker: "closed", counters: { retries: 0 } });
    }
    expect(backend.hits()).toBe(0);
  });

  test("a name that resolves to a public address first and to a private one later is not reached", async () => {
    const backend = await serve((_request, response) => {
      response.setHeader("connection", "close");
      response.end("ok");
    });
    const answers = ["127.0.0.1", "127.0.0.2"];
    const rebinding: Resolve = (_hostname, callback) =>
      callback(null, [{ address: answers.shift() ?? "127.0.0.2", family: 4 }]);
    // 127.0.0.1 plays the public address; 127.0.0.2 reaches the same server and is not allowed.
    const api = open(`http://host.example:${backend.port}`, {}, rebinding);
    expect(onlyText(await api.callTool(get, callContext()))).toBe("ok");
    expect(onlyText(await api.callTool(get, callContext()))).toMatch(
      /`127\.0\.0\.2`, which `host\.example` resolves to/,
    );
    expect(backend.hits()).toBe(1);
  });
});

describe("redirects", () => {
  test("each hop is judged when its socket connects", async () => {
    const inner = await serve((_request, response) => response.end("secret"));
    const targets = ["127.0.0.2", "[::1]", "localhost", "2130706434", "[::ffff:127.0.0.2]"];
    for (const target of targets) {
      const outer = await serve((_request, response) => {
        response.writeHead(302, { location: `http://${target}:${inner.port}/` }).end();
      });
      const resolve: Resolve = (_hostname, callback) => callback(null, [{ address: "127.0.0.2", family: 4 }]);
      const api = open(outer.url, { redirects: 3 }, resolve);
      expect(onlyText(await api.callTool(get, callContext()))).toMatch(/egress guard refused/);
    }
    expect(inner.hits()).toBe(0);
  });

  test("on the same origin the request goes on with its headers, as RFC 9110 says for each status", async () => {
    const seen: string[] = [];
    const backend = await serve((request, response) => {
      const step = request.url ?? "";
      seen.push(`${request.method} ${step} ${request.headers.authorization} ${request.headers["content-type"]}`);
      if (step === "/x") response.writeHead(307, { location: "/y?a=1" }).end("x".repeat(100));
      else if (step === "/y?a=1") response.writeHead(303, { location: "z" }).end();
      else response.end("there");
    });
    const post = compileTool({ request: { method: "POST", path: "/x", body: { json: {} } } });
    const api = open(backend.url, { redirects: 3, headers: { authorization: "Bearer t" } });
    expect(onlyText(await api.callTool(post, callContext()))).toBe("there");
    expect(seen).toEqual([
      "POST /x Bearer t application/json",
      "POST /y?a=1 Bearer t application/json",
      "GET /z Bearer t undefined",
    ]);
  });

  test("to another origin go no credentials, no configured headers and no body", async () => {
    let seen: unknown;
    const other = await serve((request, response) => {
      seen = request.headers;
      response.end("there");
    });
    const backend = await serve((request, response) => {
      response.writeHead(request.method === "POST" ? 307 : 301, { location: `${other.url}/y` }).end();
    });
    const api = open(backend.url, {
      redirects: 3,
      headers: { authorization: "Bearer t", cookie: "a=1", "x-api-key": "k" },
    });
    expect(onlyText(await api.callTool(get, callContext()))).toBe("there");
    expect(seen).toEqual({
      host: `127.0.0.1:${other.port}`,
      connection: "keep-alive",
      accept: expect.any(String),
      "accept-encoding": "identity",
      "user-agent": "passerelle",
    });
    const post = compileTool({ request: { method: "POST", path: "/x", body: { text: "secret" } } });
    expect(onlyText(await api.callTool(post, callContext()))).toMatch(/not followed: .* body to another origin/);
    expect(other.hits()).toBe(1);
  });

  test("loops end at the limit", async () => {
    const backend = await serve((_request, response) => {
      response.writeHead(302, { location: "/x" }).end();
    });
    const text = onlyText(await open(backend.url, { redirects: 3 }).callTool(get, callContext()));
    expect(text).toMatch(/redirected more than 3 times \(`upstreams\.api\.redirects`\)/);
  });

  test("locations that are no web address are not followed", async () => {
    for (const location of ["file:///etc/passwd", "http://user:pass@127.0.0.1/", "http://[", "gopher://x/"]) {
      const backend = await serve((_request, response) => {
        response.writeHead(302, { location }).end();
      });
      const text = onlyText(await open(backend.url, { redirects: 3 }).callTool(get, callContext()));
      expect(text).toMatch(/redirect that is not followed/);
    }
  });
});
