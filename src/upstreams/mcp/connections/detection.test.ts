import { performance } from "node:perf_hooks";
import { afterEach, describe, expect, it } from "vitest";
import type { McpUpstreamConfig } from "../../../core/config/mcp-upstream-schema.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { Detected } from "../connect.ts";
import type { Clock } from "../lifecycle/clock.ts";
import { channelReach, type FarEnd, legacyHandshake } from "../../../../test/fixtures/channel-fixture.ts";
import {
  discoverResult,
  type HandWrittenServer,
  type HandWrittenTurn,
  initializeResult,
  startHandWritten,
} from "../../../../test/fixtures/hand-written-server.ts";
import { connectTo, type OpenedConnection } from "../../../../test/fixtures/mcp-connection-fixture.ts";

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

type Answer = (turn: HandWrittenTurn) => void;

async function serve(answers: Readonly<Record<string, Answer>>): Promise<HandWrittenServer> {
  const server = await startHandWritten((turn) => {
    const answer = answers[turn.method];
    answer?.(turn);
    return answer !== undefined;
  });
  closers.push(() => server.close());
  return server;
}

interface HttpOptions {
  readonly config?: Partial<McpUpstreamConfig>;
  readonly detected?: Detected;
}

async function connect(server: HandWrittenServer, options: HttpOptions = {}): Promise<OpenedConnection> {
  const opened = await connectTo({ url: server.url, ...options });
  closers.push(() => opened.connection.close());
  return opened;
}

/** The messages in the order in which they came, without the stream that follows a handshake. */
function conversation(server: HandWrittenServer): readonly string[] {
  return server.turns.map(({ method }) => method).filter((method) => method !== "GET");
}

const discover: Answer = (turn) => turn.result(discoverResult());
const initialize: Answer = (turn) => turn.result(initializeResult());
const handshake = ["initialize", "notifications/initialized"];

describe("the era of a server at a URL", () => {
  it("is modern when it can be discovered", async () => {
    const server = await serve({ "server/discover": discover });
    const { connection, detected } = await connect(server);
    expect(connection.server).toMatchObject({ protocolVersion: "2026-07-28", rank: 4 });
    expect(detected).toMatchObject({ transport: "streamable-http", era: "modern" });
    expect(conversation(server)).toEqual(["server/discover"]);
  });

  it("is modern when it asks for another try with the same revision", async () => {
    let asked = 0;
    const server = await serve({
      "server/discover": (turn) => {
        if (++asked === 1) turn.error(400, -32_022, "again", { supported: ["2026-07-28"] });
        else discover(turn);
      },
    });
    expect((await connect(server)).detected.era).toBe("modern");
    expect(asked).toBe(2);
  });

  it.each<[string, Answer]>([
    ["does not know the method", (turn) => turn.error(200, -32_601)],
    ["wants a session first", (turn) => turn.error(400, -32_000)],
    ["answers 404", (turn) => turn.end(404)],
    ["answers 405", (turn) => turn.end(405)],
    ["answers 400 without a message", (turn) => turn.end(400, "Bad Request")],
    ["answers with something else", (turn) => turn.result({ hello: true })],
    ["answers with a page", (turn) => turn.end(200, "<p>hi</p>", "text/html")],
    ["takes it without an answer", (turn) => turn.end(202)],
    ["serves later revisions only", (turn) => turn.result({ ...discoverResult(), supportedVersions: ["2027-01-01"] })],
    ["refuses the revision", (turn) => turn.error(400, -32_022, "no", { supported: ["2027-01-01"] })],
  ])("is legacy when the server %s", async (_, answer) => {
    const server = await serve({ "server/discover": answer, initialize });
    expect((await connect(server)).detected).toMatchObject({ transport: "streamable-http", era: "legacy" });
    expect(conversation(server)).toEqual(["server/discover", ...handshake]);
  });

  it.each<[string, Answer, string]>([
    ["401", (turn) => turn.error(401, -32_000), "refused the gateway's credentials (HTTP 401)"],
    ["403", (turn) => turn.end(403), "refused the gateway's credentials (HTTP 403)"],
    ["429", (turn) => turn.end(429), "answered HTTP 429"],
    ["500", (turn) => turn.end(500), "answered HTTP 500"],
    ["503", (turn) => turn.end(503), "answered HTTP 503"],
    ["a redirect", (turn) => turn.end(307), "answered with a redirect (HTTP 307)"],
    ["a closed socket", (turn) => turn.request.socket.destroy(), "closed the connection"],
    [
      "a refusal of the new era",
      (turn) => turn.error(400, -32_021, "who?"),
      "refused `server/discover`: who? (-32021)",
    ],
  ])("is not told by %s: the attempt fails", async (_, answer, message) => {
    const server = await serve({ "server/discover": answer, initialize });
    await expect(connect(server)).rejects.toThrow(message);
    expect(conversation(server)).not.toContain("initialize");
  });

  it("is not told by silence: the attempt fails in time", async () => {
    const server = await serve({ "server/discover": () => undefined, initialize });
    await expect(connect(server, { config: { startTimeoutMs: 50 } })).rejects.toMatchObject({ code: "timed_out" });
    expect(conversation(server)).not.toContain("initialize");
  });

  it("is not looked for when it is configured", async () => {
    const legacy = await serve({ "server/discover": discover, initialize });
    await connect(legacy, { config: { era: "legacy" } });
    expect(conversation(legacy)).toEqual(handshake);

    const old = await serve({ "server/discover": (turn) => turn.error(200, -32_601), initialize });
    await expect(connect(old, { config: { era: "modern" } })).rejects.toThrow(
      "The upstream `files` does not serve 2026-07-28 (`upstreams.files.era`).",
    );
    expect(conversation(old)).toEqual(["server/discover"]);
  });

  it("is remembered for a while, and found out again when the server has become another one", async () => {
    const detected: Detected = { transport: "streamable-http", era: "legacy", at: performance.now() };
    const legacy = await serve({ "server/discover": discover, initialize });
    await connect(legacy, { detected });
    expect(conversation(legacy)).toEqual(handshake);

    const modern = await serve({ "server/discover": discover, initialize: (turn) => turn.error(404, -32_601) });
    await connect(modern, { detected });
    expect(conversation(modern)).toEqual(["initialize", "server/discover"]);
    expect(detected.era).toBe("modern");

    const past: Detected = { transport: "streamable-http", era: "legacy", at: performance.now() - 601_000 };
    const upgraded = await serve({ "server/discover": discover });
    await connect(upgraded, { detected: past });
    expect(conversation(upgraded)).toEqual(["server/discover"]);
  });

  it("is not forgotten because the server is down", async () => {
    const detected: Detected = { transport: "streamable-http", era: "legacy", at: performance.now() };
    const server = await serve({ initialize: (turn) => turn.end(503) });
    await expect(connect(server, { detected })).rejects.toThrow("answered HTTP 503");
    expect(detected.era).toBe("legacy");
    expect(conversation(server)).toEqual(["initialize"]);
  });
});

describe("the transport of a server at a URL", () => {
  /** HTTP+SSE by hand: answers come on the stream of the GET. */
  function sse(status: number): Readonly<Record<string, Answer>> {
    let stream: HandWrittenTurn | undefined;
    return {
      GET: (turn) => {
        stream = turn;
        turn.stream("event: endpoint\ndata: /message?sessionId=1\n\n");
      },
      "server/discover": (turn) => turn.end(status),
      initialize: (turn) => {
        if (!turn.request.url?.startsWith("/message")) {
          turn.end(status);
          return;
        }
        turn.end(202);
        const message = { jsonrpc: "2.0", id: turn.message["id"], result: initializeResult({}, "2024-11-05") };
        stream?.stream(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
      },
    };
  }

  it.each([400, 404, 405])("is HTTP+SSE when POST gets %i and GET an endpoint", async (status) => {
    const server = await serve(sse(status));
    const { connection, detected } = await connect(server);
    expect(detected).toMatchObject({ transport: "sse", era: "legacy" });
    expect(connection.server.protocolVersion).toBe("2024-11-05");
    await connect(server, { detected });
    expect(conversation(server).filter((method) => method === "server/discover")).toHaveLength(1);
  });

  it("is none when neither is served; the answer to POST is what counts", async () => {
    const server = await serve({
      "server/discover": (turn) => turn.end(404),
      initialize: (turn) => turn.end(404),
      GET: (turn) => turn.end(404),
    });
    const failure = connect(server);
    await expect(failure).rejects.toMatchObject({ code: "upstream_failed" });
    await expect(failure).rejects.toThrow("(HTTP 404). Check `upstreams.files.url` and `upstreams.files.transport`");
    await expect(failure).rejects.toThrow("It does not speak HTTP+SSE either.");
  });

  it("cannot be HTTP+SSE in the modern era", async () => {
    const server = await serve({});
    await expect(connect(server, { config: { transport: "sse", era: "modern" } })).rejects.toMatchObject({
      code: "invalid_configuration",
    });
  });
});

describe("the era of a child process", () => {
  function open(
    play: (message: JsonObject, end: FarEnd) => void,
    options: {
      readonly detected?: Detected;
      readonly clock?: Clock;
      readonly config?: Partial<McpUpstreamConfig>;
    } = {},
  ): { readonly ends: readonly FarEnd[]; readonly opened: Promise<OpenedConnection> } {
    const { reach, ends } = channelReach(play);
    return { ends, opened: connectTo({ reach, ...options }) };
  }

  function methods(end: FarEnd | undefined): unknown {
    return end?.received.map(({ method }) => method);
  }

  function reply(end: FarEnd, message: JsonObject, result: JsonObject): void {
    end.send({ jsonrpc: "2.0", id: message["id"] ?? null, result });
  }

  /** Time stands still, but waiting takes none. */
  const hasty: Clock = {
    now: () => performance.now(),
    after: (_, run) => {
      const immediate = setImmediate(run);
      return () => clearImmediate(immediate);
    },
    random: () => 0,
  };

  it("is modern when it can be discovered, and legacy with any other answer", async () => {
    const modern = open((message, end) => reply(end, message, discoverResult()));
    const { connection, detected } = await modern.opened;
    expect(detected).toMatchObject({ transport: "stdio", era: "modern" });
    expect(methods(modern.ends[0])).toEqual(["server/discover"]);
    expect(connection.isStateless).toBe(true);

    const legacy = open(legacyHandshake());
    expect((await legacy.opened).detected.era).toBe("legacy");
    expect(methods(legacy.ends[0])).toEqual(["server/discover", ...handshake]);
    expect(legacy.ends).toHaveLength(1);
  });

  it("is legacy when the server ends at the question; it is started again", async () => {
    const play = legacyHandshake();
    const { ends, opened } = open((message, end) => {
      if (message["method"] === "server/discover") end.end("It exited.");
      else play(message, end);
    });
    expect((await opened).detected.era).toBe("legacy");
    expect(ends.map(methods)).toEqual([["server/discover"], handshake]);
  });

  it("is legacy when the server does not answer the question but the handshake", async () => {
    const play = legacyHandshake();
    const { ends, opened } = open(
      (message, end) => {
        if (message["method"] !== "server/discover") play(message, end);
      },
      { clock: hasty },
    );
    expect((await opened).detected.era).toBe("legacy");
    expect(methods(ends[0])).toEqual(["server/discover", ...handshake]);
  });

  it("is legacy when the server was only slow to start, and refuses the question before it takes the handshake", async () => {
    const play = legacyHandshake();
    const unread: JsonObject[] = [];
    const { ends, opened } = open(
      (message, end) => {
        unread.push(message);
        if (message["method"] === "initialize") for (const read of unread.splice(0)) play(read, end);
      },
      { clock: hasty },
    );
    expect((await opened).detected.era).toBe("legacy");
    expect(ends.map(methods)).toEqual([["server/discover", ...handshake]]);
  });

  it("is modern when the answer only comes late", async () => {
    let asked: JsonObject | undefined;
    const { ends, opened } = open(
      (message, end) => {
        if (message["method"] === "initialize") reply(end, asked ?? {}, discoverResult());
        else if (asked !== undefined) reply(end, message, discoverResult());
        else asked = message;
      },
      { clock: hasty },
    );
    const { connection } = await opened;
    expect(connection.isStateless).toBe(true);
    expect(methods(ends[0])).toEqual(["server/discover", "initialize"]);
    const pong = connection.ping(performance.now() + 5_000);
    const [, again] = (await ends[0]?.heard("server/discover", 2)) ?? [];
    expect(JSON.stringify(again)).toContain("io.modelcontextprotocol/protocolVersion");
    await pong;
  });

  it("is legacy when the server falls silent at the question; it is started again", async () => {
    const play = legacyHandshake();
    let starts = 0;
    const silent = new Set<FarEnd>();
    const { ends, opened } = open(
      (message, end) => {
        if (message["method"] === "server/discover") {
          starts++;
          silent.add(end);
        }
        if (!silent.has(end)) play(message, end);
      },
      { clock: hasty },
    );
    expect((await opened).detected.era).toBe("legacy");
    expect(starts).toBe(1);
    expect(ends[0]?.isClosed).toBe(true);
    expect(methods(ends[1])).toEqual(handshake);
  });

  it("is not asked for when it is known, until the program was exchanged", async () => {
    const detected: Detected = { transport: "stdio", era: "legacy", at: performance.now() };
    const known = open(legacyHandshake(), { detected });
    await known.opened;
    expect(methods(known.ends[0])).toEqual(handshake);

    const exchanged = open(
      (message, end) => {
        if (message["method"] === "server/discover") reply(end, message, discoverResult());
        else end.send({ jsonrpc: "2.0", id: message["id"] ?? null, error: { code: -32_022, message: "no" } });
      },
      { detected },
    );
    expect((await exchanged.opened).detected.era).toBe("modern");
    expect(exchanged.ends.map(methods)).toEqual([["initialize"], ["server/discover"]]);
  });
});
