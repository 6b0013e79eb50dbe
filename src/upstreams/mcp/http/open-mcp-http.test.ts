import { once } from "node:events";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { type LocalBackend, readRequest, startBackend, startWire } from "../../../../test/fixtures/local-backend.ts";
import { noIdentity, openLocalMcpHttp } from "../../../../test/fixtures/mcp-http-fixture.ts";
import { RecordingReader } from "../../../../test/fixtures/recording-reader.ts";
import type { AppError } from "../../../core/errors.ts";
import type { HeaderList, HttpIdentity, HttpTurn, Lane, McpHttpClient, McpHttpTarget } from "./mcp-http-client.ts";
import type { McpHttpOptions } from "./open-mcp-http.ts";
import { withinMs } from "../../../../test/fixtures/time-limit.ts";

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function backend(listener: RequestListener): Promise<LocalBackend> {
  const started = await startBackend(listener);
  closers.push(() => started.close());
  return started;
}

async function wire(...parts: Parameters<typeof startWire>): ReturnType<typeof startWire> {
  const started = await startWire(...parts);
  closers.push(() => started.close());
  return started;
}

function open(url: string, options: Partial<McpHttpOptions> = {}): McpHttpClient {
  const client = openLocalMcpHttp([url], options);
  closers.push(() => client.close(50));
  return client;
}

function target(
  url: string,
  options: Partial<McpHttpOptions> = {},
  identity: HttpIdentity = noIdentity,
): McpHttpTarget {
  return open(url, options).pick(identity);
}

interface Posted {
  readonly reader: RecordingReader;
  readonly turn: HttpTurn;
}

function post(to: McpHttpTarget, body = "{}", headers: HeaderList = [], lane?: Lane): Posted {
  const reader = new RecordingReader();
  return { reader, turn: to.post(body, headers, reader, lane) };
}

/** What a POST to a server that answers like this tells its reader. */
async function told(listener: RequestListener, options: Partial<McpHttpOptions> = {}): Promise<RecordingReader> {
  const { url } = await backend(listener);
  const { reader } = post(target(`${url}/mcp`, options));
  await reader.over;
  return reader;
}

const json = { "content-type": "application/json" };
const events = { "content-type": "text/event-stream" };

describe("a request", () => {
  test("carries the headers of its kind, of its identity and of itself", async () => {
    const seen: IncomingMessage[] = [];
    const bodies: string[] = [];
    const { url } = await backend((request, response) => {
      seen.push(request);
      request.setEncoding("utf8");
      request.on("data", (text: string) => bodies.push(text));
      request.on("end", () => response.writeHead(202).end());
    });
    const key = Buffer.from("k\u00e9y").toString("latin1");
    const headers = ["X-Key", key, "Accept", "text/html", "Mcp-Session-Id", "forged", "authorization", "Basic x"];
    const to = target(`${url}/a/mcp?tenant=1`, {}, { headers, tokens: undefined });
    const readers = [new RecordingReader(), new RecordingReader(), new RecordingReader()] as const;
    to.post('{"id":1}', ["mcp-session-id", "s1"], readers[0]);
    await readers[0].over;
    to.get(["last-event-id", "7"], readers[1]);
    await readers[1].over;
    to.delete([], readers[2]);
    await readers[2].over;
    const shown = seen.map(({ method, url: path, headers: sent }) => ({ method, path, ...sent }));
    const common = {
      path: "/a/mcp?tenant=1",
      authorization: "Basic x",
      "x-key": key,
      "accept-encoding": "identity",
      "user-agent": "passerelle",
    };
    expect(shown).toMatchObject([
      {
        ...common,
        method: "POST",
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
        "mcp-session-id": "s1",
      },
      { ...common, method: "GET", accept: "text/event-stream", "last-event-id": "7" },
      { ...common, method: "DELETE" },
    ]);
    expect(shown[1]).not.toHaveProperty("content-type");
    expect(shown[1]).not.toHaveProperty("mcp-session-id");
    expect(bodies).toEqual(['{"id":1}']);
  });

  test("to loopback is refused by the guard unless the document allows it", async () => {
    const { url, sockets } = await backend((_request, response) => response.end());
    const { reader } = post(target(url, { allow: [] }));
    expect(await reader.over).toEqual(["failure upstream_failed"]);
    expect(reader.failure?.message).toMatch(/egress guard refused.*127\.0\.0\.1.*`upstreams\.files\.egress\.allow`/);
    expect(reader.wasSent).toBe(false);
    expect(sockets.size).toBe(0);
  });

  test("with a header that HTTP cannot carry fails, after the method has returned", async () => {
    const { url } = await backend((_request, response) => response.end());
    const { reader } = post(target(url), "{}", ["x-bad", "a\nb"]);
    expect(reader.log).toEqual([]);
    await reader.over;
    expect(reader.failure?.message).toMatch(/cannot be written as HTTP/);
    expect(reader.wasSent).toBe(false);
  });
});

describe("an answer", () => {
  test("in JSON is one message, in one line, whatever its status", async () => {
    const { log, header } = await told((_request, response) => {
      response.writeHead(404, { "content-type": "application/json; charset=utf-8", "x-a": "1" });
      response.end('\uFEFF{\r\n  "a": "b\\n"\n}');
    });
    expect(log).toEqual(["status 404", String.raw`message {    "a": "b\n" }`, "end"]);
    expect(header("x-a")).toBe("1");
  });

  test("that comes byte by byte is put together", async () => {
    const text = JSON.stringify({ text: "\u00e9\u{1F600}" });
    const { log } = await told((_request, response) => {
      response.writeHead(200, json);
      for (const byte of Buffer.from(text)) response.write(Buffer.from([byte]));
      response.end();
    });
    expect(log).toEqual(["status 200", `message ${text}`, "end"]);
  });

  test("as an event stream is told event by event, while it lasts", async () => {
    let answer: ServerResponse | undefined;
    const { url } = await backend((_request, response) => {
      answer = response.writeHead(200, events);
      response.write(
        'id: 1\ndata:\n\nretry: 20\nid: 2\ndata: {"n":\ndata: 1}\n\n: ping\n\nevent: endpoint\ndata: /x\n\n',
      );
    });
    const { reader } = post(target(url));
    await reader.heard("event endpoint");
    expect(reader.log).toEqual(["status 200", "id 1", "retry 20", "id 2", 'message {"n": 1}', "event endpoint /x"]);
    answer?.end("data: last\n\n");
    expect((await reader.over).slice(-2)).toEqual(["message last", "end"]);
  });

  test("without a body is over at once", async () => {
    for (const status of [202, 204, 200, 405]) {
      const { log } = await told((_request, response) => response.writeHead(status).end());
      expect(log).toEqual([`status ${status}`, "end"]);
    }
    const { log } = await told((_request, response) => response.writeHead(202, json).end());
    expect(log).toEqual(["status 202", "end"]);
  });

  test("of another type shows the beginning of its text", async () => {
    const page = `<h1>Bad gateway</h1>${"x".repeat(60_000)}`;
    const { log } = await told((_request, response) =>
      response.writeHead(502, { "content-type": "text/html" }).end(page),
    );
    expect(log).toEqual(["status 502", `end ${page.slice(0, 2_000)}`]);
  });

  test("of another type that does not end is cut off", async () => {
    const { url, sockets } = await backend((_request, response) => {
      response.writeHead(200, { "content-type": "text/plain" }).write("y".repeat(70_000));
    });
    const { reader } = post(target(url));
    expect(await reader.over).toEqual(["status 200", `end ${"y".repeat(2_000)}`]);
    for (const socket of sockets) await once(socket, "close");
  });

  test("that redirects is an answer: nothing is followed", async () => {
    const { log, header } = await told((_request, response) => response.writeHead(307, { location: "/else" }).end());
    expect(log).toEqual(["status 307", "end"]);
    expect(header("location")).toBe("/else");
  });

  test("that is packed although nobody asked is unpacked, in JSON and as events", async () => {
    const one = await told((_request, response) => {
      response.writeHead(200, { ...json, "content-encoding": "gzip" }).end(gzipSync('{"a":1}'));
    });
    expect(one.log).toEqual(["status 200", 'message {"a":1}', "end"]);
    const other = await told((_request, response) => {
      response.writeHead(200, { ...events, "content-encoding": "gzip" }).end(gzipSync("data: x\n\n"));
    });
    expect(other.log).toEqual(["status 200", "message x", "end"]);
    const unknown = await told((_request, response) => {
      response.writeHead(200, { ...json, "content-encoding": "rot13" }).end("x");
    });
    expect(unknown.failure?.message).toMatch(/packed with `rot13`/);
    const broken = await told((_request, response) => {
      response.writeHead(200, { ...json, "content-encoding": "gzip" }).end("no gzip");
    });
    expect(broken.failure?.message).toMatch(/not valid gzip/);
  });
});

describe("the limit of a message", () => {
  const options = { maxMessageBytes: 1_000 };
  const exactly = JSON.stringify("x".repeat(998));

  test("lets a message of its size through, and an event stream of any length", async () => {
    const one = await told((_request, response) => response.writeHead(200, json).end(exactly), options);
    expect(one.log).toEqual(["status 200", `message ${exactly}`, "end"]);
    const many = await told(
      (_request, response) => response.writeHead(200, events).end("data: 1\n\n".repeat(500)),
      options,
    );
    expect(many.log).toHaveLength(502);
  });

  test.each([
    ["a body", json, `${exactly} `],
    ["an event", events, `data: ${"x".repeat(1_000)}\n\n`],
    ["an event that does not end", events, `data: ${"x".repeat(1_000)}`],
  ])("cuts off %s that is larger, and says which limit", async (_name, headers, body) => {
    const { url, sockets } = await backend((_request, response) => {
      response.writeHead(200, headers).write(body);
    });
    const { reader } = post(target(url, options));
    await reader.over;
    expect(reader.log).toEqual(["status 200", "failure upstream_failed"]);
    expect(reader.failure?.message).toMatch(/larger than 1000 bytes, the limit of `upstreams\.files\.maxMessageBytes`/);
    for (const socket of sockets) await once(socket, "close");
  });

  test("counts what a packed body becomes", async () => {
    const bomb = gzipSync(Buffer.alloc(100_000, 32));
    const reader = await told((_request, response) => {
      response.writeHead(200, { ...json, "content-encoding": "gzip" }).end(bomb);
    }, options);
    expect(reader.failure?.code).toBe("upstream_failed");
  });
});

describe("a failure", () => {
  test("names what broke: no listener, garbage, a body cut short, a reset stream", async () => {
    const gone = await startBackend(() => undefined);
    await gone.close();
    const refused = post(target(gone.url)).reader;
    await refused.over;
    expect(refused.failure?.message).toMatch(/refused the connection\. Is it running where `upstreams\.files\.url`/);
    expect(refused.wasSent).toBe(false);

    const answers = [
      ["SSH-2.0-OpenSSH\r\n", /not valid HTTP/],
      [
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{",
        /closed the connection before/,
      ],
      [
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n5\r\nda",
        /closed the conn/,
      ],
      ["", /closed the connection before/],
    ] as const;
    for (const [answer, message] of answers) {
      const server = await wire((socket) => void readRequest(socket).then(() => socket.end(answer)));
      const { reader } = post(target(server.url));
      await reader.over;
      expect(reader.log.at(-1)).toBe("failure upstream_failed");
      expect(reader.failure?.message).toMatch(message);
      expect(reader.wasSent).toBe(true);
      expect(server.accepted()).toBe(1);
    }
  });

  test("of a connection that was idle too long does not lose the next request", async () => {
    const requests: string[] = [];
    const server = await wire((socket) => {
      void readRequest(socket).then((text) => {
        requests.push(text.slice(0, 4));
        socket.write("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n");
        // Closed behind the answer, without saying so.
        socket.end();
      });
    });
    const to = target(server.url);
    for (let round = 0; round < 5; round++) {
      expect(await post(to).reader.over).toEqual(["status 202", "end"]);
      for (const socket of server.sockets) if (!socket.closed) await once(socket, "close");
    }
    expect(requests).toHaveLength(5);
  });
});

describe("a connection that could not be made", () => {
  test("may be followed by the next request at once: of its reader, or of who waits", async () => {
    const gone = await startWire(() => undefined);
    await gone.close();
    const to = target(gone.url, { connections: 1 });
    const again = new RecordingReader();
    const first = new RepeatingReader(() => to.post("{}", [], again));
    to.post("{}", [], first);
    const waiting = Array.from({ length: 3 }, () => post(to).reader);
    const all = [first, again, ...waiting];
    await Promise.all(all.map(({ over }) => over));
    expect(all.map(({ failure }) => failure?.code)).toEqual(all.map(() => "upstream_failed"));
  });
});

/** Sends something else in the very moment in which it hears of the failure. */
class RepeatingReader extends RecordingReader {
  readonly #repeat: () => unknown;

  constructor(repeat: () => unknown) {
    super();
    this.#repeat = repeat;
  }

  override onFailure(error: AppError, wasSent: boolean): void {
    this.#repeat();
    super.onFailure(error, wasSent);
  }
}

describe("an exchange that is no longer wanted", () => {
  test("closes its connection within 100 ms and tells its reader nothing more", async () => {
    for (const head of [undefined, json, events]) {
      const { url, server } = await backend((_request, response) => {
        if (head !== undefined) response.writeHead(200, head).write("data: 1\n\n");
        server.emit("reached", response);
      });
      const reached = once(server, "reached") as Promise<[ServerResponse]>;
      const { reader, turn } = post(target(url));
      const [response] = await reached;
      if (head !== undefined) await reader.heard("status");
      const closed = once(response, "close");
      const started = performance.now();
      turn.abort();
      const heard = [...reader.log];
      await closed;
      expect(performance.now() - started).toBeLessThan(withinMs(100));
      turn.abort();
      expect(reader.log).toEqual(heard);
    }
  });

  test("that has not connected yet is never sent", async () => {
    let requests = 0;
    const { url } = await backend((_request, response) => {
      requests++;
      response.writeHead(202).end();
    });
    const client = open(url, { connections: 1 });
    const first = post(client.pick(noIdentity));
    first.turn.abort();
    expect(await post(client.pick(noIdentity)).reader.over).toEqual(["status 202", "end"]);
    expect(requests).toBe(1);
    expect(first.reader.log).toEqual([]);
  });

  test("by a reader that aborts while it is told an event hears no other event of the same piece", async () => {
    const { url } = await backend((_request, response) => {
      response.writeHead(200, events).write("data: 1\n\ndata: 2\n\n");
    });
    const reader = new RecordingReader();
    const heard = reader.heard("message 1");
    const turn = target(url).post("{}", [], {
      onResponse: () => undefined,
      onMessage: (text) => {
        turn.abort();
        reader.onMessage(text);
      },
      onEventId: () => undefined,
      onRetry: () => undefined,
      onEvent: () => undefined,
      onEnd: (text) => reader.onEnd(text),
      onFailure: (error, wasSent) => reader.onFailure(error, wasSent),
    });
    await heard;
    expect(reader.log).toEqual(["message 1"]);
  });

  test("is released: what still comes is dropped, and the connection is used again", async () => {
    let opened = 0;
    let answer: ServerResponse | undefined;
    const { url, server } = await backend((request, response) => {
      if (request.method === "DELETE") response.writeHead(202).end();
      else (answer = response.writeHead(200, events)).write("data: 1\n\n");
    });
    server.on("connection", () => opened++);
    const to = target(url);
    for (let round = 0; round < 5; round++) {
      const { reader, turn } = post(to);
      await reader.heard("message 1");
      turn.release();
      turn.release();
      answer?.end("data: 2\n\n");
      const next = new RecordingReader();
      to.delete([], next);
      await next.over;
      expect(reader.log).toEqual(["status 200", "message 1"]);
    }
    // The next request may have overtaken the end of the answer once, hence two.
    expect(opened).toBeLessThanOrEqual(2);
  });

  test("is released: the connection is closed when the server does not end its answer within a second", async () => {
    let time = 0;
    const { url, server } = await backend((_request, response) => {
      response.writeHead(200, events).write("data: 1\n\n");
      server.emit("reached", response);
    });
    const reached = once(server, "reached") as Promise<[ServerResponse]>;
    const { reader, turn } = post(target(url, { now: () => time }));
    const [response] = await reached;
    await reader.heard("message 1");
    turn.release();
    const closed = once(response, "close");
    time = 1_001;
    await closed;
    expect(reader.log).toEqual(["status 200", "message 1"]);
  });
});

describe("the connections", () => {
  test("are waited for by calls, not by streams and what keeps calls going", async () => {
    const open: ServerResponse[] = [];
    const { url, server } = await backend((request, response) => {
      open.push(response);
      if (request.method === "GET") response.writeHead(200, events).flushHeaders();
      server.emit("reached");
    });
    const to = target(url, { connections: 2 });
    const reached = async (count: number): Promise<void> => {
      while (open.length < count) await once(server, "reached");
    };
    const calls = [post(to), post(to), post(to), post(to)];
    await reached(2);
    const stream = new RecordingReader();
    to.get([], stream);
    const side = post(to, "{}", [], "side");
    await stream.heard("status 200");
    await reached(4);
    expect(open).toHaveLength(4);
    // A call whose answer is a stream makes room; so does one that is over, and one that is given up.
    open[0]?.writeHead(200, events).flushHeaders();
    await reached(5);
    open[1]?.writeHead(202).end();
    await reached(6);
    const last = post(to);
    calls[3]?.turn.abort();
    await reached(7);
    for (const response of open.slice(3)) response.writeHead(202).end();
    expect(await side.reader.over).toEqual(["status 202", "end"]);
    expect(await last.reader.over).toEqual(["status 202", "end"]);
  });

  test("beyond `connections` are closed when what they were opened for is over", async () => {
    const answers: ServerResponse[] = [];
    const { url, server, sockets } = await backend((_request, response) => {
      answers.push(response.writeHead(200, events));
      response.flushHeaders();
      server.emit("reached");
    });
    const to = target(url, { connections: 2 });
    const readers = Array.from({ length: 10 }, () => new RecordingReader());
    for (const reader of readers) to.get([], reader);
    while (answers.length < 10) await once(server, "reached");
    expect(sockets.size).toBe(10);
    const closed = [...sockets].map((socket) => once(socket, "close"));
    for (const response of answers) response.end();
    await Promise.all(readers.map(({ over }) => over));
    let count = 0;
    await new Promise<void>((resolve) => {
      for (const close of closed) void close.then(() => ++count === 8 && resolve());
    });
    expect(sockets.size).toBe(2);
  });

  test("turn calls away when too many wait", async () => {
    const { url } = await backend(() => undefined);
    const to = target(url, { connections: 1 });
    for (let call = 0; call < 65; call++) post(to);
    const { reader } = post(to);
    await reader.over;
    expect(reader.failure?.code).toBe("overloaded");
    expect(reader.wasSent).toBe(false);
  });

  test("are closed with the client: calls under way may finish, new ones are refused", async () => {
    let answer: ServerResponse | undefined;
    const { url, server } = await backend((_request, response) => {
      answer = response;
      server.emit("reached");
    });
    const client = open(url);
    const to = client.pick(noIdentity);
    const { reader } = post(to);
    await once(server, "reached");
    const closing = client.close(5_000);
    const late = post(to).reader;
    await late.over;
    expect(late.failure?.message).toMatch(/is being closed/);
    answer?.writeHead(202).end();
    expect(await reader.over).toEqual(["status 202", "end"]);
    await closing;
    await client.close(5_000);
  });

  test("are cut when they do not finish before the deadline of the close", async () => {
    const { url, server } = await backend(() => server.emit("reached"));
    const client = open(url);
    const { reader } = post(client.pick(noIdentity));
    await once(server, "reached");
    await client.close(10);
    expect((await reader.over).at(-1)).toBe("failure upstream_failed");
  });
});
