import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { type LocalBackend, startBackend } from "../../../../test/fixtures/local-backend.ts";
import { noIdentity, openLocalMcpHttp } from "../../../../test/fixtures/mcp-http-fixture.ts";
import { matrixServer } from "../../../../test/fixtures/upstreams/matrix-server.ts";
import { legacyRevisions } from "../../../../test/fixtures/upstreams/sdk-v1.ts";
import { serveSse } from "../../../../test/fixtures/upstreams/serve-fixture.ts";
import type { AppError } from "../../../core/errors.ts";
import type { ChannelReader, MessageChannel } from "../message-channel.ts";
import { sseOpener } from "./sse-channel.ts";
import { SseUnavailable } from "./sse-unavailable.ts";

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** Keeps what a channel tells, and lets tests wait for it. */
class Heard implements ChannelReader {
  readonly messages: string[] = [];
  readonly closed: Promise<AppError>;
  endings = 0;
  #close: (error: AppError) => void = () => undefined;
  #changed: () => void = () => undefined;

  constructor() {
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
  }

  async count(messages: number): Promise<void> {
    while (this.messages.length < messages) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  onMessage(text: string): void {
    this.messages.push(text);
    this.#changed();
  }

  onClosed(error: AppError): void {
    this.endings++;
    this.#close(error);
  }
}

interface Post {
  readonly path: string;
  readonly body: string;
  readonly response: ServerResponse;
}

/** A server of HTTP+SSE that leaves all decisions to its test. */
class SseServer {
  readonly posts: Post[] = [];
  /** Answers of posts; none leaves them open. */
  status: number | undefined = 202;
  stream: ServerResponse | undefined;
  /** What follows the head of the stream. */
  greeting = "event: endpoint\ndata: /message?sessionId=1\n\n";
  #changed: () => void = () => undefined;

  answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.method === "GET") {
      this.stream = response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
      response.write(this.greeting);
      this.#changed();
      return;
    }
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (text: string) => (body += text));
    request.on("end", () => {
      this.posts.push({ path: request.url ?? "", body, response });
      if (this.status !== undefined) response.writeHead(this.status).end("Accepted");
      this.#changed();
    });
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }
}

interface Opened {
  readonly server: SseServer;
  readonly backend: LocalBackend;
  readonly heard: Heard;
  readonly channel: MessageChannel;
}

async function serve(listener: (request: IncomingMessage, response: ServerResponse) => void): Promise<LocalBackend> {
  const backend = await startBackend(listener);
  closers.push(() => backend.close());
  return backend;
}

function opening(url: string, reader: ChannelReader, signal = new AbortController().signal): Promise<MessageChannel> {
  const client = openLocalMcpHttp([`${url}/sse`], { maxMessageBytes: 10_000 });
  closers.push(() => client.close(50));
  const words = { label: "The upstream `files`", key: "upstreams.files" };
  return sseOpener(() => client.pick(noIdentity), words)(reader, signal);
}

async function open(): Promise<Opened> {
  const server = new SseServer();
  const backend = await serve((request, response) => server.answer(request, response));
  const heard = new Heard();
  const channel = await opening(backend.url, heard);
  closers.push(() => channel.close());
  return { server, backend, heard, channel };
}

async function failure(backend: LocalBackend): Promise<AppError> {
  return opening(backend.url, new Heard()).then(
    () => {
      throw new Error("it opened");
    },
    (error: AppError) => error,
  );
}

describe("a channel over HTTP+SSE", () => {
  test("posts to the endpoint that the stream names and hears what the stream says", async () => {
    const { server, heard, channel } = await open();
    channel.send('{"id":1}');
    await server.until(() => server.posts.length === 1);
    expect(server.posts[0]).toMatchObject({ path: "/message?sessionId=1", body: '{"id":1}' });
    server.stream?.write(
      'event: message\ndata: {"id":1,\ndata: "result":{}}\n\n: ping\n\ndata: 2\n\nevent: else\ndata: x\n\n',
    );
    await heard.count(2);
    expect(heard.messages).toEqual(['{"id":1, "result":{}}', "2"]);
  });

  test("sends the handshake in order and then side by side, counting what is not taken yet", async () => {
    const { server, channel } = await open();
    server.status = undefined;
    for (const message of ["initialize", "initialized", "call 1", "call 2", "call 3"]) channel.send(message);
    const pending = channel.pendingBytes;
    expect(pending).toBe("initializeinitializedcall 1call 2call 3".length);
    await server.until(() => server.posts.length === 1);
    server.posts[0]?.response.writeHead(200, { "content-type": "text/plain" }).end("ok");
    await server.until(() => server.posts.length === 2);
    expect(server.posts.map(({ body }) => body)).toEqual(["initialize", "initialized"]);
    expect(channel.pendingBytes).toBe(pending - "initialize".length);
    server.posts[1]?.response.writeHead(204).end();
    await server.until(() => server.posts.length === 5);
    expect(
      server.posts
        .slice(2)
        .map(({ body }) => body)
        .toSorted(),
    ).toEqual(["call 1", "call 2", "call 3"]);
  });

  test("ends when it is closed: the server sees its stream and open posts end, and nothing more is sent", async () => {
    const { server, heard, channel } = await open();
    server.status = undefined;
    channel.send("1");
    await server.until(() => server.posts.length === 1);
    const ends = [server.stream, server.posts[0]?.response].map((response) =>
      response === undefined ? Promise.reject(new Error("no response")) : once(response, "close"),
    );
    await channel.close();
    await channel.close();
    channel.send("2");
    await Promise.all(ends);
    expect((await heard.closed).message).toBe("The upstream `files` was closed.");
    expect(heard.endings).toBe(1);
    expect(server.posts).toHaveLength(1);
  });

  test("ends with the stream", async () => {
    const ended = await open();
    ended.server.stream?.end();
    expect((await ended.heard.closed).message).toMatch(/ended its event stream, and with it the session/);
    const reset = await open();
    reset.server.stream?.destroy();
    expect((await reset.heard.closed).message).toMatch(/closed the connection before its answer was complete/);
  });

  test("ends with an event that is too large", async () => {
    const { server, heard } = await open();
    server.stream?.write(`data: ${"x".repeat(11_000)}\n\n`);
    expect(await heard.closed).toMatchObject({ code: "upstream_failed" });
  });

  test.each([
    [404, /does not know the session any more \(HTTP 404\)/],
    [400, /refused a message \(HTTP 400\)/],
    [500, /refused a message \(HTTP 500\)/],
    [307, /refused a message \(HTTP 307\)/],
  ])("ends with a post that is answered by %i", async (status, message) => {
    const { server, heard, channel } = await open();
    server.status = status;
    channel.send("1");
    channel.send("2");
    expect((await heard.closed).message).toMatch(message);
    expect(heard.endings).toBe(1);
    expect(server.posts).toHaveLength(1);
  });

  test("ends with a post that is not answered", async () => {
    const { server, heard, channel } = await open();
    server.status = undefined;
    channel.send("1");
    await server.until(() => server.posts.length === 1);
    server.posts[0]?.response.destroy();
    expect((await heard.closed).message).toMatch(/closed the connection/);
  });

  test("ends when the server takes nothing any more", async () => {
    const { server, heard, channel } = await open();
    server.status = undefined;
    for (let sent = 0; sent < 18; sent++) channel.send("x".repeat(1_048_576));
    expect(heard.endings).toBe(0);
    expect((await heard.closed).message).toMatch(/takes no messages any more/);
  });
});

test.each(legacyRevisions)("a server of the official SDK of %s answers over it", async (revision) => {
  const fixture = await serveSse(matrixServer(), revision);
  closers.push(() => fixture.close());
  const heard = new Heard();
  const channel = await opening(new URL(fixture.url).origin, heard);
  const params = { protocolVersion: "2024-11-05", capabilities: {}, clientInfo: { name: "test", version: "1" } };
  channel.send(JSON.stringify({ jsonrpc: "2.0", id: 0, method: "initialize", params }));
  channel.send('{"jsonrpc":"2.0","method":"notifications/initialized"}');
  const ids = Array.from({ length: 40 }, (_, index) => index + 1);
  for (const id of ids) channel.send(JSON.stringify({ jsonrpc: "2.0", id, method: "ping" }));
  await heard.count(41);
  const answered = heard.messages.map((text) => (JSON.parse(text) as { readonly id: number }).id);
  expect(answered.toSorted((a, b) => a - b)).toEqual([0, ...ids]);
  await channel.close();
});

describe("opening a channel over HTTP+SSE fails", () => {
  test.each([
    [401, /refused the credentials of the gateway \(HTTP 401\)/],
    [404, /does not speak HTTP\+SSE: its answer to GET has HTTP 404\. See `upstreams\.files\.url`/],
    [405, /has HTTP 405/],
    [302, /redirects \(HTTP 302\), which is not followed/],
    [503, /does not serve its event stream for now \(HTTP 503\)/],
  ])("on HTTP %i, which the error tells", async (status, message) => {
    const error = await failure(await serve((_request, response) => response.writeHead(status).end()));
    expect(error).toBeInstanceOf(SseUnavailable);
    expect(error).toMatchObject({ code: "upstream_failed", status, contentType: undefined });
    expect(error.message).toMatch(message);
  });

  test("on an answer of another type", async () => {
    const error = await failure(
      await serve((_request, response) => response.writeHead(200, { "content-type": "text/html" }).end("<p>hello")),
    );
    expect(error).toMatchObject({ status: 200, contentType: "text/html" });
    expect(error.message).toMatch(/has type `text\/html`/);
  });

  test("on an endpoint of another origin, which is never called", async () => {
    let strangers = 0;
    const stranger = await serve((_request, response) => {
      strangers++;
      response.writeHead(202).end();
    });
    for (const endpoint of [
      `${stranger.url}/m`,
      `//127.0.0.1:${stranger.port}/m`,
      "http://u:p@127.0.0.1/m",
      "file:///m",
    ]) {
      const server = new SseServer();
      server.greeting = `event: endpoint\ndata: ${endpoint}\n\n`;
      const error = await failure(await serve((request, response) => server.answer(request, response)));
      expect(error.message).toMatch(/names an address at another origin than its own/);
    }
    expect(strangers).toBe(0);
  });

  test("on an endpoint that is no URL, and on a stream that names none", async () => {
    const broken = new SseServer();
    broken.greeting = "event: endpoint\ndata: http://[\n\n";
    const one = await failure(await serve((request, response) => broken.answer(request, response)));
    expect(one.message).toMatch(/names an endpoint that is no URL/);
    const silent = await serve((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).end("data: hello\n\n");
    });
    expect((await failure(silent)).message).toMatch(/before it named its endpoint/);
  });

  test("when nobody listens there", async () => {
    const backend = await startBackend(() => undefined);
    await backend.close();
    const error = await failure(backend);
    expect(error).not.toBeInstanceOf(SseUnavailable);
    expect(error.message).toMatch(/refused the connection/);
  });

  test("when its signal ends it, and the server sees the stream end", async () => {
    const server = new SseServer();
    server.greeting = ": nothing yet\n\n";
    const backend = await serve((request, response) => server.answer(request, response));
    const abort = new AbortController();
    const heard = new Heard();
    const opened = opening(backend.url, heard, abort.signal);
    await server.until(() => server.stream !== undefined);
    const { stream } = server;
    const closed = stream === undefined ? Promise.reject(new Error("no stream")) : once(stream, "close");
    abort.abort();
    await expect(opened).rejects.toThrow(/did not open its event stream and name its endpoint in time/);
    await closed;
    expect(heard.endings).toBe(0);
    await expect(opening(backend.url, heard, abort.signal)).rejects.toThrow(/nobody waits for it/);
  });

  test("and after it has succeeded, its signal ends nothing", async () => {
    const server = new SseServer();
    const backend = await serve((request, response) => server.answer(request, response));
    const abort = new AbortController();
    const heard = new Heard();
    const channel = await opening(backend.url, heard, abort.signal);
    abort.abort();
    channel.send("1");
    await server.until(() => server.posts.length === 1);
    expect(heard.endings).toBe(0);
    await channel.close();
  });
});
