import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect } from "vitest";
import { openBlackHole } from "../fixtures/black-hole.ts";
import { echoDocument, echoListener, localUpstream } from "../fixtures/echo-document.ts";
import { fault, times } from "../fixtures/fault.ts";
import { type KeepAliveClient, openClient, repeat } from "../fixtures/keep-alive-client.ts";
import { type LocalBackend, readRequest, startBackend, startWire } from "../fixtures/local-backend.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { measureHeap, megabytes, until } from "../fixtures/resources.ts";
import { type ServedFolder, serveDocuments } from "../fixtures/served-folder.ts";
import { withinMs } from "../fixtures/time-limit.ts";

// Backends that misbehave, seen by a client of the gateway. What one call does with each of them is
// tested beside src/upstreams/http; here it is what they do to the gateway and to each other.

const timeoutMs = 300;
const slack = 200;

let folder: ServedFolder;
let client: KeepAliveClient;
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  client.close();
  await folder.close();
  for (const close of closing.splice(0)) await close();
});

describe("one upstream that hangs", () => {
  fault("does not slow another one", { limit: "0 lost; p99 of the other +50 ms", timeoutMs: 60_000 }, async () => {
    const hung = await wire(() => undefined);
    const healthy = await backend();
    await serve({ hung, healthy }, { timeoutMs: 20_000, connections: 256, retry: { attempts: 0 } });
    const count = times(300, 3_000);
    const calm = await measure(count, "healthy");
    const stuck = Promise.all(Array.from({ length: 300 }, () => call("hung")));
    await until(() => statusOf("hung")?.waiting === 44, "256 calls hang and the others wait");
    const busy = await measure(count, "healthy");
    expect(statusOf("hung")).toMatchObject({ running: 256, waiting: 44 });
    for (const close of closing.splice(0, 1)) await close();
    for (const { text } of await stuck) expect(text).toContain("isError");
    expect(busy.p99).toBeLessThan(withinMs(calm.p99 + 50));
    return `0 of ${count}; p99 ${calm.p99.toFixed(1)} -> ${busy.p99.toFixed(1)} ms`;
  });

  fault("is given up at the deadline, by every call alone", { limit: `${timeoutMs} ms, +${slack} ms` }, async () => {
    await serve({ hung: await wire(() => undefined) });
    const { text, tookMs } = await call("hung");
    expect(text).toContain("did not answer in time");
    expect(tookMs).toBeGreaterThanOrEqual(timeoutMs - 5);
    expect(tookMs).toBeLessThan(withinMs(timeoutMs + slack));
    return `${Math.round(tookMs)} ms`;
  });

  fault(
    "after its headers, or by a byte now and then, is given up likewise",
    { limit: `${timeoutMs} ms, +${slack} ms` },
    async () => {
      const head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n";
      await serve({
        silent: await wire((socket) => socket.write(head)),
        dripping: await wire((socket) => {
          socket.write(head);
          const timer = setInterval(() => socket.write("."), 20);
          socket.on("close", () => clearInterval(timer));
        }),
      });
      const took = [];
      for (const name of ["silent", "dripping"]) {
        const { text, tookMs } = await call(name);
        expect(text).toContain("isError");
        expect(tookMs).toBeLessThan(withinMs(timeoutMs + slack));
        took.push(`${Math.round(tookMs)} ms`);
      }
      return took.join(", ");
    },
  );

  fault(
    "before it accepts a connection is given up at the connect limit",
    // undici's clock for connecting ticks twice a second.
    { limit: "500 ms, +1,000 ms", isLinux: true },
    async () => {
      const hole = await openBlackHole();
      closing.push(() => hole.close());
      await serve({ hole: hole.url }, { connectTimeoutMs: 500, timeoutMs: 5_000, retry: { attempts: 0 } });
      const { text, tookMs } = await call("hole");
      expect(text).toContain("isError");
      expect(tookMs).toBeGreaterThan(400);
      expect(tookMs).toBeLessThan(withinMs(500 + 1_000));
      return `${Math.round(tookMs)} ms`;
    },
  );
});

describe("an answer that lies", () => {
  const cases: readonly (readonly [name: string, answer: string, expected: RegExp])[] = [
    ["promises more than it holds", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", /isError/],
    [
      "holds more than it promises",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nshortHTTP/1.1 200 OK",
      /short|isError/,
    ],
    ["has two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nshort!", /isError/],
    [
      "has chunks and a length",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n0\r\n\r\n",
      /isError/,
    ],
    ["has a broken chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nshort", /isError/],
    ["is no HTTP", "220 mail.example ESMTP\r\n", /isError/],
    ["is empty", "", /isError/],
    [
      "says 103 first",
      "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nshort",
      /short/,
    ],
    // undici takes no 100 that it has not asked for.
    ["says 100 first", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nshort", /isError/],
    [
      "has trailers",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nshort\r\n0\r\nX-Sum: 1\r\n\r\n",
      /short/,
    ],
    [
      "switches protocols",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nhello",
      /isError/,
    ],
    ["has headers without end", `HTTP/1.1 200 OK\r\nX-Pad: ${"x".repeat(100_000)}`, /isError/],
  ];

  for (const [name, answer, expected] of cases) {
    fault(`${name} is a result, and the next call is fine`, { limit: "1 result, 0 harmed" }, async () => {
      let calls = 0;
      const liar = await wire((socket) => {
        calls += 1;
        if (calls > 1) socket.end("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfine");
        else socket.end(answer);
      });
      await serve({ liar }, { retry: { attempts: 0 } });
      const { status, text } = await call("liar");
      expect(status).toBe(200);
      expect(text).toMatch(expected);
      expect((await call("liar")).text).toContain("fine");
      return "1 result, 0 harmed";
    });
  }

  fault("comes before the request was read does not hang", { limit: "answered, 0 running" }, async () => {
    const early = await startWire((socket) => {
      socket.once("data", () => {
        socket.pause();
        socket.write("HTTP/1.1 413 Payload Too Large\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlarge");
      });
    });
    closing.push(() => early.close());
    await serve({ early: early.url }, { timeoutMs: 2_000 });
    const { text, tookMs } = await call("early", { pad: "x".repeat(3_000_000) });
    expect(text).toContain("isError");
    await until(() => statusOf("early")?.running === 0, "the call has ended");
    return `after ${Math.round(tookMs)} ms, 0 running`;
  });

  fault("never ends is cut at the limit", { limit: "1 MB, +64 kB and buffers; heap +2 MB" }, async () => {
    let sent = 0;
    const endless = await startBackend((_, response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      const chunk = Buffer.alloc(65_536, "x");
      const pour = (): void => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
        sent += chunk.length;
      };
      response.on("drain", pour);
      pour();
    });
    closing.push(() => endless.close());
    await serve({ endless: endless.url }, { maxResponseBytes: 1_048_576, timeoutMs: 10_000 });
    await call("endless");
    const before = await measureHeap();
    sent = 0;
    const { text } = await call("endless");
    await until(() => endless.sockets.size === 0, "the connection is cut");
    expect(text.length).toBeLessThan(1_048_576 + 65_536);
    expect(sent).toBeLessThan(8 * 1_048_576);
    const grown = (await measureHeap()) - before;
    expect(grown).toBeLessThan(2 * 1_048_576);
    return `${megabytes(sent)} poured, ${megabytes(text.length)} taken; heap ${megabytes(grown)}`;
  });
});

describe("POST to a backend that resets", () => {
  fault(
    "before or after it has begun to answer is executed at most once",
    { limit: "0 twice", timeoutMs: 60_000 },
    async () => {
      const executed = new Map<string, number>();
      const resetting = await startWire((socket) => {
        void readRequest(socket).then((request) => {
          const id = /"id":"(\d+)"/.exec(request)?.[1] ?? "";
          executed.set(id, (executed.get(id) ?? 0) + 1);
          if (Number(id) % 3 === 1) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart");
          if (Number(id) % 3 === 2) socket.write("HTTP/1.1 200 OK\r\nContent-Le");
          socket.resetAndDestroy();
        });
      });
      closing.push(() => resetting.close());
      await serve({ resetting: resetting.url }, { breaker: { failures: 1_000 } });
      const count = times(300, 900);
      await repeat(count, 16, async (i) => {
        expect((await call("resetting", { id: String(i) })).text).toContain("isError");
      });
      expect(Math.max(...executed.values())).toBe(1);
      return `0 of ${executed.size}`;
    },
  );
});

describe("an upstream that flaps", () => {
  fault(
    "is left alone after 5 failures, probed once per interval, and comes back",
    { limit: "fail-fast, <= 1 probe per interval", timeoutMs: 30_000 },
    async () => {
      const resetMs = 300;
      let isUp = false;
      let attempts = 0;
      const flapping = await startBackend((request, response) => {
        attempts += 1;
        if (isUp) echoListener(request, response);
        else request.socket.destroy();
      });
      closing.push(() => flapping.close());
      await serve(
        { flapping: flapping.url, healthy: await backend() },
        { retry: { attempts: 0 }, breaker: { failures: 5, resetMs } },
      );
      for (let i = 0; i < 5; i += 1) await call("flapping");
      expect(attempts).toBe(5);
      const begunAt = performance.now();
      const fast = await measure(200, "flapping");
      const intervals = Math.floor((performance.now() - begunAt) / resetMs) + 1;
      expect(attempts - 5).toBeLessThanOrEqual(intervals);
      expect(fast.p99).toBeLessThan(withinMs(100));
      expect((await call("healthy")).text).toContain("content");
      isUp = true;
      const backAt = performance.now();
      await until(async () => !(await call("flapping")).text.includes("isError"), "it has come back");
      const backMs = performance.now() - backAt;
      expect(backMs).toBeLessThan(withinMs(2 * resetMs + slack));
      return `p99 ${fast.p99.toFixed(1)} ms, ${attempts - 5} probes, back after ${Math.round(backMs)} ms`;
    },
  );
});

describe("idle connections that a backend closes", () => {
  fault("lose no call, whenever the next one comes", { limit: "0 lost", timeoutMs: 60_000, isLong: true }, async () => {
    const impatient = await startBackend(echoListener);
    impatient.server.keepAliveTimeout = 1_000;
    closing.push(() => impatient.close());
    await serve({ impatient: impatient.url }, { retry: { attempts: 0 } });
    let lost = 0;
    await repeat(32, 32, async (i) => {
      for (let round = 0; round < 5; round += 1) {
        if ((await call("impatient")).text.includes("isError")) lost += 1;
        await delay(960 + ((i * 5 + round) % 80)); // load, around the moment of closing
      }
    });
    expect(lost).toBe(0);
    return "0 of 160";
  });
});

/** A server of bytes: `answer` talks after the request has come. */
async function wire(answer: (socket: Socket) => void): Promise<string> {
  const server = await startWire((socket) => void readRequest(socket).then(() => answer(socket)));
  closing.push(() => server.close());
  return server.url;
}

async function backend(): Promise<string> {
  const server: LocalBackend = await startBackend(echoListener);
  closing.push(() => server.close());
  return server.url;
}

/** Serves one tool per upstream, of the same name. */
async function serve(
  upstreams: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  client = openClient(Number.POSITIVE_INFINITY);
  const tool = (name: string): object => ({
    name,
    upstream: name,
    request: { method: "POST", path: "/", body: { json: "${args}" } },
  });
  folder = await serveDocuments({
    "upstreams.json": echoDocument("", {
      upstreams: Object.fromEntries(
        Object.entries(upstreams).map(([name, url]) => [name, localUpstream(url, { timeoutMs, ...changes })]),
      ),
      tools: Object.keys(upstreams).map(tool),
    }),
  });
}

interface Called {
  readonly status: number;
  readonly text: string;
  readonly tookMs: number;
}

async function call(name: string, args: Readonly<Record<string, unknown>> = {}): Promise<Called> {
  const { headers = {}, body } = modernRequest("tools/call", { params: { name, arguments: args } });
  const begunAt = performance.now();
  const { status, text } = await client.send(`${folder.url}/echo/mcp`, { headers, body });
  return { status, text, tookMs: performance.now() - begunAt };
}

/** Calls one after the other, four at once. */
async function measure(count: number, name: string): Promise<{ readonly p99: number }> {
  const took: number[] = [];
  await repeat(count, 4, async () => {
    const { status, tookMs } = await call(name);
    expect(status).toBe(200);
    took.push(tookMs);
  });
  took.sort((a, b) => a - b);
  return { p99: took[Math.floor(took.length * 0.99)] ?? 0 };
}

interface Places {
  readonly upstream: string;
  readonly running: number;
  readonly waiting: number;
}

function statusOf(name: string): Places | undefined {
  const upstreams = folder.gateway.status()["upstreams"] as Places[]; // as GET /status shows them
  return upstreams.find(({ upstream }) => upstream === name);
}
