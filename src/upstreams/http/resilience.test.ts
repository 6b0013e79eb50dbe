import { once } from "node:events";
import { performance } from "node:perf_hooks";
import type { RequestListener } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import {
  type LocalBackend,
  readRequest,
  startBackend,
  startWire,
  whenClosed,
  type WireBackend,
} from "../../../test/fixtures/local-backend.ts";
import { asResult, callContext, compileTool, onlyText, openUpstream } from "../../../test/fixtures/upstream-fixture.ts";
import type { HttpUpstream, HttpUpstreamOptions } from "./http-upstream.ts";
import { withinMs } from "../../../test/fixtures/time-limit.ts";

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function serve(listener: RequestListener): Promise<LocalBackend> {
  const backend = await startBackend(listener);
  closers.push(() => backend.close());
  return backend;
}

async function wire(onRequest: (request: string, count: number) => string | undefined): Promise<WireBackend> {
  let count = 0;
  const backend = await startWire((socket) => {
    void readRequest(socket).then((request) => {
      const reply = onRequest(request, ++count);
      if (reply === undefined) socket.resetAndDestroy();
      else socket.end(reply);
    });
  });
  closers.push(() => backend.close());
  return backend;
}

function open(
  url: string,
  config: Readonly<Record<string, unknown>> = {},
  options: Partial<HttpUpstreamOptions> = {},
): HttpUpstream {
  const retry = { attempts: 2, backoffMs: 1, maxBackoffMs: 2_000 };
  const api = openUpstream({ baseUrl: url, retry, ...config }, { random: () => 0, ...options });
  closers.push(() => api.close(100));
  return api;
}

const get = compileTool({ request: { path: "/x" } });
const post = compileTool({ request: { method: "POST", path: "/x", body: { json: { a: 1 } } } });
const safePost = compileTool({ request: { method: "POST", path: "/x", idempotent: true } });
const ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
const status = (code: number, headers = ""): string =>
  `HTTP/1.1 ${code} X\r\n${headers}content-length: 0\r\nconnection: close\r\n\r\n`;

describe("repetition", () => {
  test("GET is sent again after a reset", async () => {
    const backend = await wire((_request, count) => (count < 3 ? undefined : ok));
    const api = open(backend.url);
    expect(onlyText(await api.callTool(get, callContext()))).toBe("ok");
    expect(api.status().counters).toMatchObject({ attempts: 3, retries: 2, failures: 0 });
  });

  test("GET is sent again when the body breaks off", async () => {
    const broken = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhal";
    const backend = await wire((_request, count) => (count === 1 ? broken : ok));
    expect(onlyText(await open(backend.url).callTool(get, callContext()))).toBe("ok");
  });

  test("POST is executed once, whatever happens to its answer", async () => {
    for (const reply of [undefined, "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhal", status(503), status(429)]) {
      let executed = 0;
      const backend = await wire(() => {
        executed++;
        return reply;
      });
      const result = asResult(await open(backend.url).callTool(post, callContext()));
      expect(result.isError).toBe(true);
      expect(executed).toBe(1);
    }
  });

  test("POST that the document calls idempotent is sent again", async () => {
    const backend = await wire((_request, count) => (count === 1 ? undefined : count === 2 ? status(503) : ok));
    expect(onlyText(await open(backend.url).callTool(safePost, callContext()))).toBe("ok");
  });

  test("POST that never reached the backend is tried again", async () => {
    const backend = await wire(() => ok);
    await backend.close();
    closers.pop();
    const api = open(backend.url);
    const result = await api.callTool(post, callContext());
    expect(onlyText(result)).toMatch(
      /`api` \(http:\/\/127\.0\.0\.1:\d+\) refused the connection.*upstreams\.api\.baseUrl/,
    );
    expect(api.status().counters).toMatchObject({ attempts: 3, retries: 2, failures: 1 });
  });

  test("Retry-After is waited for when it is short", async () => {
    const backend = await wire((_request, count) => (count === 1 ? status(429, "retry-after: 1\r\n") : ok));
    const begun = performance.now();
    expect(onlyText(await open(backend.url).callTool(get, callContext()))).toBe("ok");
    expect(performance.now() - begun).toBeGreaterThanOrEqual(990);
  });

  test("a Retry-After beyond the limit or the deadline is handed to the model", async () => {
    const backend = await wire(() => status(429, "retry-after: 2\r\n"));
    const api = open(backend.url);
    const late = await api.callTool(get, callContext({}, { timeoutMs: 1_000 }));
    expect(onlyText(late)).toBe("HTTP 429 Too Many Requests");
    const capped = open(backend.url, { retry: { maxBackoffMs: 1_000 } });
    expect(onlyText(await capped.callTool(get, callContext()))).toBe("HTTP 429 Too Many Requests");
    expect(api.status().counters.retries + capped.status().counters.retries).toBe(0);
  });
});

describe("the breaker", () => {
  const config = { retry: { attempts: 0 }, breaker: { failures: 2, resetMs: 1_000 } };

  test("opens after failures in a row, lets one probe through, and closes again", async () => {
    let isDown = true;
    let reached = 0;
    let waiting: (() => void)[] = [];
    const backend = await serve((_request, response) => {
      reached++;
      if (isDown) response.writeHead(503).end();
      else waiting.push(() => response.end("up"));
    });
    let skippedMs = 0;
    const api = open(backend.url, config, { now: () => performance.now() + skippedMs });
    for (let call = 0; call < 4; call++) await api.callTool(get, callContext());
    expect(reached).toBe(2);
    expect(api.status().breaker).toBe("open");
    expect(onlyText(await api.callTool(get, callContext()))).toMatch(/failed 2 times in a row.*Try again in 1 s/);
    isDown = false;
    skippedMs = 1_000;
    expect(api.status().breaker).toBe("half-open");
    const probe = api.callTool(get, callContext());
    const turnedAway = await api.callTool(get, callContext());
    expect(asResult(turnedAway).isError).toBe(true);
    while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
    for (const reply of waiting) reply();
    waiting = [];
    expect(onlyText(await probe)).toBe("up");
    expect(api.status().breaker).toBe("closed");
  });

  test("does not take 429 and 4xx for down", async () => {
    const backend = await wire((_request, count) => status(count % 2 === 0 ? 429 : 404));
    const api = open(backend.url, config);
    for (let call = 0; call < 5; call++) await api.callTool(get, callContext());
    expect(api.status().breaker).toBe("closed");
  });
});

describe("deadlines, cancellation and limits", () => {
  test("a backend that does not answer is given up at the deadline", async () => {
    const backend = await serve(() => undefined);
    const api = open(backend.url);
    const begun = performance.now();
    const text = onlyText(await api.callTool(get, callContext({}, { timeoutMs: 100 })));
    expect(text).toMatch(/did not answer in time.*timeoutMs/);
    expect(performance.now() - begun).toBeLessThan(withinMs(200));
    expect(api.status()).toMatchObject({ running: 0, waiting: 0, counters: { timeouts: 1, failures: 1 } });
  });

  test("a cancelled call rejects and its socket is closed", async () => {
    const backend = await serve(() => undefined);
    const api = open(backend.url);
    const context = callContext();
    const call = api.callTool(get, context);
    const [request] = await once(backend.server, "request");
    context.abort?.();
    await expect(call).rejects.toMatchObject({ code: "cancelled" });
    expect(context.abort).toBeUndefined();
    await whenClosed(request.socket);
    expect(backend.sockets.size).toBe(0);
    expect(api.status()).toMatchObject({ running: 0, waiting: 0, breaker: "closed" });
  });

  test("calls beyond maxConcurrency wait, in order, until their deadline", async () => {
    const replies: (() => void)[] = [];
    const backend = await serve((request, response) => {
      replies.push(() => response.end(request.url));
    });
    const api = open(backend.url, { maxConcurrency: 1 });
    const path = compileTool({ request: { path: "/${args.n}" } });
    const first = api.callTool(path, callContext({ n: 1 }));
    const second = api.callTool(path, callContext({ n: 2 }));
    const impatient = api.callTool(path, callContext({ n: 3 }, { timeoutMs: 50 }));
    const cancelled = callContext({ n: 4 });
    const fourth = api.callTool(path, cancelled);
    expect(api.status()).toMatchObject({ running: 1, waiting: 3 });
    cancelled.abort?.();
    await expect(fourth).rejects.toMatchObject({ code: "cancelled" });
    expect(onlyText(await impatient)).toMatch(/waited until its deadline.*upstreams\.api\.maxConcurrency/);
    replies.shift()?.();
    expect(onlyText(await first)).toBe("/1");
    while (replies.length === 0) await new Promise((resolve) => setImmediate(resolve));
    replies.shift()?.();
    expect(onlyText(await second)).toBe("/2");
    expect(api.status()).toMatchObject({ running: 0, waiting: 0 });
  });

  test("a full queue turns calls away at once", async () => {
    const backend = await serve(() => undefined);
    const api = open(backend.url, { maxConcurrency: 1 });
    const contexts = Array.from({ length: 65 }, () => callContext());
    const calls = contexts.map((context) => api.callTool(get, context));
    expect(onlyText(await api.callTool(get, callContext()))).toMatch(/Too many calls wait/);
    for (const context of contexts) context.abort?.();
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: "cancelled" });
    expect(api.status()).toMatchObject({ running: 0, waiting: 0 });
  });

  test("an answer larger than the limit is cut off", async () => {
    let written = 0;
    const backend = await serve((_request, response) => {
      const timer = setInterval(() => {
        written += 65_536;
        response.write(Buffer.alloc(65_536));
      }, 1);
      response.once("close", () => clearInterval(timer));
    });
    const api = open(backend.url, { maxResponseBytes: 100_000 });
    expect(onlyText(await api.callTool(get, callContext()))).toMatch(/larger than 100000 bytes.*maxResponseBytes/);
    expect(written).toBeLessThan(5_000_000);
    expect(api.status().breaker).toBe("closed");
  });

  test("closing lets a call finish and takes no more", async () => {
    const replies: (() => void)[] = [];
    const backend = await serve((_request, response) => {
      replies.push(() => response.end("late"));
    });
    const api = open(backend.url);
    const call = api.callTool(get, callContext());
    await once(backend.server, "request");
    const closed = api.close(5_000);
    expect(onlyText(await api.callTool(get, callContext()))).toMatch(/being closed/);
    replies.shift()?.();
    expect(onlyText(await call)).toBe("late");
    await closed;
    await api.close();
  });

  test("closing cuts a call that does not finish in time", async () => {
    const backend = await serve(() => undefined);
    const api = open(backend.url);
    const call = api.callTool(get, callContext());
    await once(backend.server, "request");
    await api.close(20);
    expect(asResult(await call).isError).toBe(true);
  });

  test("ten thousand cancelled calls leave nothing behind", async () => {
    const backend = await serve(() => undefined);
    const api = open(backend.url, { connections: 16, maxConcurrency: 16 });
    const countBefore = process.getActiveResourcesInfo().length;
    for (let round = 0; round < 500; round++) {
      const contexts = Array.from({ length: 20 }, () => callContext());
      const calls = contexts.map((context) => api.callTool(get, context).catch((error: unknown) => error));
      // Some are cancelled while they wait, some while they connect, some while they are answered.
      if (round % 10 === 0) await once(backend.server, "request");
      for (const context of contexts) context.abort?.();
      await Promise.all(calls);
    }
    expect(api.status()).toMatchObject({ running: 0, waiting: 0, counters: { calls: 10_000, cancellations: 10_000 } });
    await api.close();
    while (backend.sockets.size > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(countBefore + 2);
  });
});
