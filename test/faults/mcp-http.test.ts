import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect } from "vitest";
import { openBlackHole } from "../fixtures/black-hole.ts";
import { fault, times } from "../fixtures/fault.ts";
import { repeat } from "../fixtures/keep-alive-client.ts";
import { beginEvents, FaultServer, type FaultServerOptions, resultText } from "../fixtures/mcp-fault-server.ts";
import { httpUpstream, type McpFaultSite, serveUpstreams, type Upstreams } from "../fixtures/mcp-fault-site.ts";
import { measureHeap, megabytes, until } from "../fixtures/resources.ts";
import { withinMs } from "../fixtures/time-limit.ts";

// MCP servers over HTTP that misbehave, seen by a client of the gateway.

const timeoutMs = 300;
const slackMs = 200;

let site: McpFaultSite;
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await site.close();
  for (const close of closing.splice(0)) await close();
});

async function server(options: FaultServerOptions = {}): Promise<FaultServer> {
  const opened = await FaultServer.open(options);
  closing.push(() => opened.close());
  return opened;
}

async function serve(upstreams: Upstreams): Promise<void> {
  site = await serveUpstreams(upstreams);
}

describe("a server that does not answer", () => {
  fault(
    "costs each call its deadline, and is told that nobody waits any more",
    { limit: `${timeoutMs} ms, +${slackMs} ms; all cancelled, 0 sockets`, timeoutMs: 30_000 },
    async () => {
      const hung = await server({ onCall: () => undefined });
      await serve({ hung: httpUpstream(hung.url, { timeoutMs, connections: 16 }) });
      const took: number[] = [];
      // More than there are sockets: those that wait for one have the same deadline.
      for (const { said, tookMs } of await Promise.all(Array.from({ length: 24 }, () => site.call("hung", "run")))) {
        expect(said).toContain("did not answer in time");
        took.push(tookMs);
      }
      await hung.until(() => hung.cancelled.length === 24);
      await until(() => site.statusOf("hung").inFlight === 0, "nothing is under way");
      await site.close();
      await until(() => hung.sockets.size === 0, "the sockets are closed");
      expect(hung.calls).toBeGreaterThanOrEqual(16);
      expect(Math.min(...took)).toBeGreaterThan(timeoutMs - 5);
      expect(Math.max(...took)).toBeLessThan(withinMs(timeoutMs + slackMs));
      return `${Math.max(...took).toFixed(0)} ms, 24 of 24 cancelled, 0 sockets`;
    },
  );

  fault(
    "holds what it may hold, refuses the rest at once, and slows no other one",
    { limit: "256 under way, others p99 <= 2x + 50 ms; told at once when it is gone", timeoutMs: 60_000 },
    async () => {
      const [hung, healthy] = [await server({ onCall: () => undefined }), await server()];
      await serve({ hung: httpUpstream(hung.url, { connections: 256 }), healthy: httpUpstream(healthy.url) });
      const count = times(300, 3_000);
      await site.measure(count, "healthy", "run"); // warm
      const calm = await site.measure(count, "healthy", "run");
      const stuck = Array.from({ length: 256 }, () => site.call("hung", "run"));
      await until(() => hung.calls === 256, "all hang");
      const refused = await site.call("hung", "run");
      expect(refused.said).toContain("`upstreams.hung.maxConcurrency`");
      const busy = await site.measure(count, "healthy", "run");
      const begunAt = performance.now();
      await hung.stop();
      for (const { isError } of await Promise.all(stuck)) expect(isError).toBe(true);
      const toldMs = performance.now() - begunAt;
      expect(refused.tookMs).toBeLessThan(withinMs(100));
      expect(busy).toBeLessThan(withinMs(2 * calm + 50));
      expect(toldMs).toBeLessThan(withinMs(1_000));
      return `257th refused after ${refused.tookMs.toFixed(0)} ms; p99 of others ${calm.toFixed(0)} -> ${busy.toFixed(0)} ms; 256 told within ${toldMs.toFixed(0)} ms`;
    },
  );

  fault(
    "stalls and goes on is waited for, in the middle of its answer too",
    { limit: "0 lost", timeoutMs: 40_000 },
    async () => {
      const stallMs = times(500, 10_000);
      const stalling = await server({
        onCall: ({ id, args, response, answer }) => {
          if (args["text"] === "before") setTimeout(() => answer("late"), stallMs);
          else {
            const text = `data: ${resultText(id, "late")}\n\n`;
            beginEvents(response);
            response.write(text.slice(0, 20));
            setTimeout(() => response.end(text.slice(20)), stallMs);
          }
        },
      });
      await serve({ stalling: httpUpstream(stalling.url) });
      const calls = ["before", "between"].map((text) => site.call("stalling", "run", { text }));
      for (const { said, tookMs } of await Promise.all(calls)) {
        expect(said).toBe("late");
        expect(tookMs).toBeGreaterThan(stallMs - 5);
        expect(tookMs).toBeLessThan(withinMs(stallMs + 1_000));
      }
      return `0 of 2 after ${stallMs} ms`;
    },
  );

  fault(
    "is not even connected is told of at the connect limit",
    // undici's clock for connecting ticks twice a second.
    { limit: "500 ms, +1,000 ms", isLinux: true },
    async () => {
      const hole = await openBlackHole();
      closing.push(() => hole.close());
      const healthy = await server();
      await serve({
        hole: httpUpstream(`${hole.url}/mcp`, { connectTimeoutMs: 500 }),
        healthy: httpUpstream(healthy.url),
      });
      const { said, isError, tookMs } = await site.call("hole", "run");
      expect(isError).toBe(true);
      expect(said).toMatch(/did not accept a connection|within|in time/);
      expect((await site.call("healthy", "run", { text: "fine" })).said).toBe("fine");
      expect(tookMs).toBeLessThan(withinMs(500 + 1_000));
      return `${tookMs.toFixed(0)} ms`;
    },
  );
});

describe("an answer that is wrong", () => {
  const json = (body: string, type = "application/json"): string =>
    `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  const cases: readonly (readonly [name: string, answer: string])[] = [
    ["is no JSON", json("<html>")],
    ["is half of a JSON text", json('{"jsonrpc":"2.0","id":1,"res')],
    ["is an HTML page", json("<html>hello</html>", "text/html")],
    ["is empty", json("")],
    ["is JSON but no message", json('"hello"')],
    ["answers another request", json('{"jsonrpc":"2.0","id":999999,"result":{}}')],
    ["has an id of another type", json('{"jsonrpc":"2.0","id":"1","result":{}}')],
    ["has a result that is no object", json('{"jsonrpc":"2.0","id":ID,"result":7}')],
    ["has result and error", json('{"jsonrpc":"2.0","id":ID,"result":{},"error":{"code":1,"message":"x"}}')],
    ["has an error that is none", json('{"jsonrpc":"2.0","id":ID,"error":"no"}')],
    ["is nested deeply", json(`{"jsonrpc":"2.0","id":ID,"result":${"[".repeat(100_000)}`)],
    ["is accepted without an answer", "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"],
    ["redirects", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"],
    ["is a failure of the server", "HTTP/1.1 500 Oops\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\n<oops"],
    ["is a refusal", "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"],
    ["asks to come back", "HTTP/1.1 503 Busy\r\nRetry-After: 100\r\nContent-Length: 0\r\n\r\n"],
    [
      "promises more than it holds",
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
    ],
    [
      "has a broken chunk",
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{",
    ],
    ["is no HTTP", "220 mail.example ESMTP\r\n"],
    ["never comes: the connection ends", ""],
    ["is an event stream without an answer", "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n"],
    ["is an event that is no JSON", "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: hello\n\n"],
    ["is packed but not really", json("hello").replace("\r\n\r\n", "\r\nContent-Encoding: gzip\r\n\r\n")],
  ];

  fault(
    "in any of many ways is told to the model, and the next call is fine",
    { limit: "0 hang, 0 harmed, <= 250 ms each", timeoutMs: 60_000 },
    async () => {
      const lying = await server({
        onCall: ({ id, args, request, answer }) => {
          const lie = cases.find(([name]) => name === args["lie"])?.[1];
          if (lie === undefined) answer("fine");
          else request.socket.end(lie.replaceAll("ID", String(id)));
        },
      });
      await serve({ lying: httpUpstream(lying.url, { timeoutMs: 5_000 }) });
      await site.call("lying", "run");
      const wrong: string[] = [];
      let slowestMs = 0;
      for (const [lie] of cases) {
        const { status, isError, tookMs } = await site.call("lying", "run", { lie });
        const next = await site.call("lying", "run");
        if (!isError || status >= 500 || next.said !== "fine") wrong.push(`${lie}: ${status} ${isError} ${next.text}`);
        slowestMs = Math.max(slowestMs, tookMs);
      }
      expect(wrong).toEqual([]);
      expect(site.statusOf("lying")).toMatchObject({ state: "ready", inFlight: 0 });
      expect(lying.greetings).toBe(1);
      expect(slowestMs).toBeLessThan(withinMs(250));
      return `0 of ${cases.length} hang, slowest ${slowestMs.toFixed(0)} ms`;
    },
  );

  fault(
    "by its size is cut at the limit, whatever carries it",
    { limit: "1 MB; heap +1 MB", timeoutMs: 30_000 },
    async () => {
      const endless = await server({
        onCall: ({ args, request, response }) => {
          if (args["form"] === "events") beginEvents(response);
          else response.writeHead(200, { "content-type": "application/json" });
          response.write(args["form"] === "events" ? "data: " : '{"jsonrpc":"2.0","id":');
          const chunk = Buffer.alloc(65_536, " ");
          const pour = (): void => {
            while (!request.socket.destroyed && response.write(chunk));
          };
          response.on("drain", pour);
          pour();
        },
      });
      await serve({ endless: httpUpstream(endless.url, { maxMessageBytes: 1_048_576, timeoutMs: 10_000 }) });
      await site.call("endless", "run");
      const heap = await measureHeap();
      for (const form of ["events", "json"]) {
        const { said, isError, status, tookMs } = await site.call("endless", "run", { form });
        expect({ isError, status }).toEqual({ isError: true, status: 200 });
        expect(said).toContain("`upstreams.endless.maxMessageBytes`");
        expect(tookMs).toBeLessThan(withinMs(1_000));
      }
      await until(() => site.statusOf("endless").inFlight === 0, "nothing is under way");
      const grown = (await measureHeap()) - heap;
      expect(grown).toBeLessThan(1_048_576);
      return `told twice; heap ${megabytes(grown)}`;
    },
  );
});

describe("a session that the server no longer knows", () => {
  fault(
    "is opened again once for all who use it; what may be repeated is, what may not says so",
    { limit: "1 new session, each call carried out at most once", timeoutMs: 30_000 },
    async () => {
      const forgetful = await server();
      await serve({ forgetful: httpUpstream(forgetful.url) });
      const rounds = times(5, 50);
      let lost = 0;
      for (let round = 1; round <= rounds; round += 1) {
        await site.call("forgetful", "run");
        const { calls } = forgetful;
        forgetful.sessions.clear();
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, i) => site.call("forgetful", "run", { text: `${i}` })),
        );
        const told = answers.filter(({ isError }) => isError);
        for (const { said } of told) expect(said).toMatch(/connected anew/);
        expect(forgetful.calls - calls).toBe(50 - told.length);
        expect(await site.call("forgetful", "run", { text: "again" })).toMatchObject({ said: "again" });
        expect(forgetful.greetings).toBe(1 + round);
        lost = Math.max(lost, told.length);
      }
      return `1 new session each in ${rounds} rounds; up to ${lost} of 50 calls told to call again, 0 twice`;
    },
  );
});

describe("a server that is restarted under load", () => {
  fault(
    "fails what is under way and nothing after, by itself",
    { limit: "0 wrong answers, back <= 500 ms", timeoutMs: 60_000 },
    async () => {
      const restarting = await server();
      const quick = { restart: { backoffMs: 50, maxBackoffMs: 200 } };
      await serve({ restarting: httpUpstream(restarting.url, quick) });
      let isOver = false;
      const tally = { served: 0, failed: 0, wrong: [] as string[], servedAt: 0 };
      const caller = async (number: number): Promise<void> => {
        for (let call = 0; !isOver; call += 1) {
          const text = `${number}-${call}`;
          const { said, isError, text: whole } = await site.call("restarting", "run", { text });
          if (isError) tally.failed += 1;
          else if (said !== text) tally.wrong.push(whole);
          else {
            tally.served += 1;
            tally.servedAt = performance.now();
          }
        }
      };
      const load = Promise.all(Array.from({ length: 8 }, (_, number) => caller(number)));
      const rounds = times(3, 20);
      let slowestMs = 0;
      for (let round = 0; round < rounds; round += 1) {
        const { served, failed } = tally;
        await until(() => tally.served > served + 50, "the load flows");
        await restarting.stop();
        await until(() => tally.failed > failed, "calls fail");
        await restarting.start();
        const upAt = performance.now();
        await until(() => tally.servedAt > upAt, "calls are served");
        slowestMs = Math.max(slowestMs, tally.servedAt - upAt);
      }
      isOver = true;
      await load;
      expect(tally.wrong).toEqual([]);
      expect(await site.call("restarting", "run", { text: "after" })).toMatchObject({ said: "after", isError: false });
      expect(slowestMs).toBeLessThan(withinMs(500));
      return `${tally.served} served, ${tally.failed} told, 0 wrong in ${rounds} restarts; back after ${slowestMs.toFixed(0)} ms`;
    },
  );

  fault(
    "is found when it was not there at the start",
    { limit: "told why, then back <= 500 ms", timeoutMs: 30_000 },
    async () => {
      const late = await server();
      await late.stop();
      await serve({ late: httpUpstream(late.url, { restart: { backoffMs: 50, maxBackoffMs: 200 } }) });
      const { said, tookMs } = await site.call("late", "run");
      expect(said).toMatch(/What `late` offers is not known: .*refused the connection/);
      await late.start();
      const upAt = performance.now();
      await until(async () => !(await site.call("late", "run", { text: "up" })).isError, "it serves");
      const backMs = performance.now() - upAt;
      expect(tookMs).toBeLessThan(withinMs(500));
      expect(backMs).toBeLessThan(withinMs(500));
      return `told after ${tookMs.toFixed(0)} ms, back after ${backMs.toFixed(0)} ms`;
    },
  );
});

describe("a server that resets connections", () => {
  fault("before, while or after it answers runs no call twice", { limit: "0 twice", timeoutMs: 60_000 }, async () => {
    const executed = new Map<string, number>();
    const resetting = await server({
      onCall: ({ args, request, response, answer }) => {
        const key = args["text"] ?? "";
        executed.set(key, (executed.get(key) ?? 0) + 1);
        const kind = Number(key) % 4;
        if (kind === 0) answer(key);
        if (kind === 2) response.writeHead(200, { "content-type": "application/json" }).write('{"json');
        if (kind === 3) beginEvents(response);
        if (kind !== 0) setImmediate(() => request.socket.resetAndDestroy());
      },
    });
    await serve({ resetting: httpUpstream(resetting.url) });
    await site.call("resetting", "run", { text: "0" });
    const count = times(400, 4_000);
    let wrong = 0;
    await repeat(count, 16, async (i) => {
      const { said, isError } = await site.call("resetting", "run", { text: `${i + 4}` });
      if (i % 4 === 0 ? said !== `${i + 4}` : !isError) wrong += 1;
    });
    expect(wrong).toBe(0);
    expect(Math.max(...executed.values())).toBe(1);
    expect(executed.size).toBe(count + 1);
    return `0 of ${executed.size}`;
  });

  fault(
    "that are idle loses no call, whenever the next one comes",
    { limit: "0 lost", timeoutMs: 60_000, isLong: true },
    async () => {
      const impatient = await server({ keepAliveMs: 1_000 });
      await serve({ impatient: httpUpstream(impatient.url) });
      let lost = 0;
      await repeat(32, 32, async (i) => {
        for (let round = 0; round < 5; round += 1) {
          if ((await site.call("impatient", "run")).isError) lost += 1;
          await delay(960 + ((i * 5 + round) % 80)); // load, around the moment of closing
        }
      });
      expect(lost).toBe(0);
      return "0 of 160";
    },
  );
});

describe("an event stream that breaks off", () => {
  fault(
    "in the middle of calls is read on by GET and Last-Event-ID; nothing is called twice",
    { limit: "0 lost, 0 twice", timeoutMs: 30_000 },
    async () => {
      const results = new Map<string, string>();
      const breaking = await server({
        onCall: ({ id, args, request, response }) => {
          const key = `call-${id}`;
          results.set(key, resultText(id, args["text"] ?? ""));
          beginEvents(response);
          response.write(`retry: 20\nid: ${key}\ndata:\n\n`);
          // Half are ended in order, half are torn.
          if (id % 2 === 0) response.end();
          else setImmediate(() => request.socket.resetAndDestroy());
        },
        onStream: (request, response) => {
          const key = String(request.headers["last-event-id"]);
          const result = results.get(key);
          beginEvents(response);
          if (result === undefined) return;
          results.delete(key);
          response.end(`id: ${key}-end\ndata: ${result}\n\n`);
        },
      });
      await serve({ breaking: httpUpstream(breaking.url) });
      const count = times(100, 1_000);
      let slowestMs = 0;
      await repeat(count, 16, async (i) => {
        const { said, tookMs } = await site.call("breaking", "run", { text: `text ${i}` });
        expect(said).toBe(`text ${i}`);
        slowestMs = Math.max(slowestMs, tookMs);
      });
      expect(breaking.calls).toBe(count);
      expect(breaking.greetings).toBe(1);
      expect(slowestMs).toBeLessThan(withinMs(5_000));
      return `0 of ${count} lost, ${breaking.calls - count} twice, slowest ${slowestMs.toFixed(0)} ms`;
    },
  );

  fault(
    "again and again ends the call at its deadline, without a storm",
    { limit: `1,000 ms, +${slackMs} ms; <= 60 requests`, timeoutMs: 30_000 },
    async () => {
      let resumed = 0;
      const breaking = await server({
        onCall: ({ response }) => {
          beginEvents(response);
          response.end("retry: 0\nid: 1\ndata:\n\n");
        },
        onStream: (request, response) => {
          beginEvents(response);
          if (request.headers["last-event-id"] === undefined) return;
          resumed += 1;
          response.end("retry: 0\nid: 1\ndata:\n\n");
        },
      });
      await serve({ breaking: httpUpstream(breaking.url, { timeoutMs: 1_000 }) });
      const { said, tookMs } = await site.call("breaking", "run");
      expect(said).toContain("did not answer in time");
      expect(tookMs).toBeLessThan(withinMs(1_000 + slackMs));
      expect(resumed).toBeGreaterThan(3);
      expect(resumed).toBeLessThan(60);
      return `${tookMs.toFixed(0)} ms, ${resumed} requests`;
    },
  );
});
