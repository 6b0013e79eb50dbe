import type { RequestListener, ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { type LocalBackend, startBackend, whenClosed } from "../../../test/fixtures/local-backend.ts";
import {
  asResult,
  callContext,
  compileTool,
  onlyText,
  openUpstream,
  type TestContext,
} from "../../../test/fixtures/upstream-fixture.ts";
import type { CallOutcome, CallStream } from "../../core/call.ts";
import type { HttpUpstream } from "./http-upstream.ts";

let backend: LocalBackend | undefined;
let api: HttpUpstream | undefined;

afterEach(async () => {
  await api?.close(100);
  await backend?.close();
});

async function start(listener: RequestListener, config: Readonly<Record<string, unknown>> = {}): Promise<HttpUpstream> {
  backend = await startBackend(listener);
  api = openUpstream({ baseUrl: backend.url, retry: { attempts: 0 }, ...config });
  return api;
}

/** Writes each byte by itself, so that events and characters are cut everywhere. */
function sendBytes(response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, { "content-type": type });
  for (const byte of Buffer.from(text)) response.write(Buffer.from([byte]));
  response.end();
}

const streamTool = {
  request: { path: "/x" },
  stream: {
    progress: {
      when: "${event.type == 'progress'}",
      progress: "${event.data.done}",
      total: "${event.data.?total}",
      message: "${event.data.?note}",
    },
    log: { when: "${event.type == 'log'}", level: "${event.data.level}", logger: "api", data: "${event.data.text}" },
  },
};

const events = [
  ": comment\n\n",
  'event: progress\ndata: {"done":1,"total":4,"note":"Zoë"}\n\n',
  'event: progress\r\ndata: {"done":1}\r\n\r\n',
  'event: log\ndata: {"level":"WARNING",\ndata: "text":"careful"}\n\n',
  'event: progress\ndata: {"done":2.5}\n\n',
  'event: log\ndata: {"level":"nonsense","text":"hm"}\n\n',
  'data: {"id":9223372036854775807}\n\n',
  "data: last words\n\n",
  "data: [DONE]\n\n",
  "data: never finished",
];

describe("a backend that streams", () => {
  async function run(
    tool: Readonly<Record<string, unknown>>,
    type: string,
    text: string,
  ): Promise<[CallOutcome, TestContext]> {
    const upstream = await start((_request, response) => sendBytes(response, type, text));
    const context = callContext();
    return [await upstream.callTool(compileTool(tool), context), context];
  }

  test("an event stream becomes progress that grows, log messages and the last data", async () => {
    const [outcome, context] = await run(streamTool, "text/event-stream; charset=utf-8", events.join(""));
    expect(onlyText(outcome)).toBe("last words");
    expect(context.updates).toEqual([{ progress: 1, total: 4, message: "Zoë" }, { progress: 2.5 }]);
    expect(context.entries).toEqual([
      { level: "warning", logger: "api", data: "careful" },
      { level: "info", logger: "api", data: "hm" },
    ]);
  });

  test("all data can be the result, with large integers unrounded", async () => {
    const tool = { ...streamTool, stream: { ...streamTool.stream, result: "all" } };
    const [outcome] = await run(tool, "text/event-stream", events.join(""));
    expect(onlyText(outcome)).toBe('[{"id":9223372036854775807},"last words"]');
  });

  test("NDJSON lines are events, the last one without a line break too", async () => {
    const tool = {
      request: { path: "/x" },
      stream: { progress: { when: "has(event.data.percent)", progress: "${event.data.percent}", total: 100 } },
      result: "${response.body.answer}",
      output: { type: "integer" },
    };
    const lines = '{"percent":10}\r\n\n{"percent":5}\n{"percent":99}\n{"answer":42}';
    const [outcome, context] = await run(tool, "application/x-ndjson", lines);
    expect(asResult(outcome)).toMatchObject({ structured: "42", isError: false });
    expect(context.updates.map(({ progress }) => progress)).toEqual([10, 99]);
  });

  test("an answer that does not stream is taken as a whole", async () => {
    const [outcome, context] = await run(streamTool, "application/json", '{"done":1}');
    expect(onlyText(outcome)).toBe('{"done":1}');
    expect(context.updates).toEqual([]);
  });

  test("progress is told while the backend still works", async () => {
    let finish = (): void => undefined;
    const upstream = await start((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write('event: progress\ndata: {"done":1}\n\n');
      finish = () => response.end("data: 1\n\n");
    });
    const context = callContext();
    const told = new Promise<void>((resolve) => {
      context.progress = () => resolve();
    });
    const call = upstream.callTool(compileTool(streamTool), context);
    await told;
    finish();
    expect(onlyText(await call)).toBe("1");
  });

  test("an event that never ends is cut off", async () => {
    const upstream = await start((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (let count = 0; count < 80; count++) response.write(`data: ${"x".repeat(65_536)}\n`);
      response.end();
    });
    const text = onlyText(await upstream.callTool(compileTool(streamTool), callContext()));
    expect(text).toMatch(/event of the answer is larger than 4194304 characters/);
  });

  test("a stream that breaks off is an error and is not repeated", async () => {
    let count = 0;
    const upstream = await start(
      (_request, response) => {
        count++;
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write("data: 1\n\n", () => response.destroy());
      },
      { retry: { attempts: 2, backoffMs: 1 } },
    );
    const result = asResult(await upstream.callTool(compileTool(streamTool), callContext()));
    expect(result.isError).toBe(true);
    expect(count).toBe(1);
  });
});

describe("a large result", () => {
  const tool = compileTool({ request: { path: "/x" } });
  const line = 'Zoë said "hi" \\ \u{1f600}\n';
  const text = line.repeat(60_000);

  function serveText(type = "text/plain"): RequestListener {
    return (_request, response) => {
      response.writeHead(200, { "content-type": type });
      // Odd pieces, so that characters are cut.
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += 9_973) response.write(bytes.subarray(at, at + 9_973));
      response.end();
    };
  }

  /** Reads a stream to its end, with a pause after every piece. */
  function drain(stream: CallStream): Promise<string> {
    return new Promise((resolve) => {
      let json = `{${stream.head}`;
      stream.start({
        onData(escaped) {
          json += escaped;
          setImmediate(() => stream.resume());
          return false;
        },
        onEnd: (tail) => resolve(`${json}${tail}}`),
      });
    });
  }

  test("is handed on while it arrives and stays what it was", async () => {
    const upstream = await start(serveText());
    const outcome = await upstream.callTool(tool, callContext({}, { acceptsStream: true }));
    if (outcome.kind !== "stream") throw new Error("expected a stream");
    expect(upstream.status().running).toBe(1);
    const parsed = JSON.parse(await drain(outcome)) as { content: [{ text: string }] };
    expect(parsed.content[0].text === text).toBe(true);
    expect(parsed).not.toHaveProperty("isError");
    expect(upstream.status().running).toBe(0);
  });

  test("is a whole result for an endpoint that cannot take pieces and for tools that look into it", async () => {
    const upstream = await start(serveText());
    expect(onlyText(await upstream.callTool(tool, callContext())) === text).toBe(true);
    const shaped = compileTool({ request: { path: "/x" }, result: "${response.status}" });
    expect(onlyText(await upstream.callTool(shaped, callContext({}, { acceptsStream: true })))).toBe("200");
  });

  test("ends with a note when it grows beyond the limit", async () => {
    const upstream = await start(serveText(), { maxResponseBytes: 400_000 });
    const outcome = await upstream.callTool(tool, callContext({}, { acceptsStream: true }));
    if (outcome.kind !== "stream") throw new Error("expected a stream");
    const parsed = JSON.parse(await drain(outcome)) as { content: [{ text: string }]; isError: boolean };
    expect(parsed.isError).toBe(true);
    expect(parsed.content[0].text).toMatch(/\[The result is incomplete\. The answer is larger than 400000 bytes/);
    expect(text.startsWith(parsed.content[0].text.slice(0, 300_000))).toBe(true);
  });

  test("a reader that stalls holds the backend back and is cut at the deadline", async () => {
    let drained = 0;
    const upstream = await start(
      (_request, response) => {
        response.writeHead(200, { "content-type": "text/plain" });
        const more = (): void => {
          while (response.write("x".repeat(65_536))) drained++;
          drained++;
        };
        response.on("drain", more);
        more();
      },
      { maxResponseBytes: 1_000_000_000 },
    );
    const outcome = await upstream.callTool(tool, callContext({}, { acceptsStream: true, timeoutMs: 300 }));
    if (outcome.kind !== "stream") throw new Error("expected a stream");
    let given = 0;
    const tail = await new Promise<string>((resolve) => {
      outcome.start({
        onData(escaped) {
          given += escaped.length;
          return false;
        },
        onEnd: resolve,
      });
    });
    expect(tail).toMatch(/did not answer in time.*"isError":true$/);
    expect(given).toBeLessThan(200_000);
    // What the kernel buffers of both sides, not the endless answer.
    expect(drained * 65_536).toBeLessThan(20_000_000);
    expect(upstream.status().running).toBe(0);
  });

  test("a cancelled stream closes the socket and ends once", async () => {
    const upstream = await start((_request, response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      response.write("x".repeat(400_000));
    });
    const context = callContext({}, { acceptsStream: true });
    const outcome = await upstream.callTool(tool, context);
    if (outcome.kind !== "stream" || backend === undefined) throw new Error("expected a stream");
    let ends = 0;
    outcome.start({ onData: () => true, onEnd: () => ends++ });
    const [socket] = backend.sockets;
    context.abort?.();
    if (socket !== undefined) await whenClosed(socket);
    expect(ends).toBe(1);
    expect(backend.sockets.size).toBe(0);
  });
});
