import { once } from "node:events";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { startBackend } from "../../../../test/fixtures/local-backend.ts";
import { openLocalMcpHttp } from "../../../../test/fixtures/mcp-http-fixture.ts";
import { RecordingReader } from "../../../../test/fixtures/recording-reader.ts";
import { AppError } from "../../../core/errors.ts";
import type { TokenRefusal, TokenSource } from "../../oauth/token-source.ts";
import type { McpHttpTarget } from "./mcp-http-client.ts";

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** Hands out `fresh` tokens one after another, and remembers why. */
class Tokens implements TokenSource {
  readonly refusals: TokenRefusal[] = [];
  token: string | undefined;
  readonly #fresh: string[];
  onRenew: (() => Promise<boolean>) | undefined;

  constructor(token: string | undefined, fresh: readonly string[]) {
    this.token = token;
    this.#fresh = [...fresh];
  }

  current(): string | undefined {
    return this.token;
  }

  renew(refusal: TokenRefusal): Promise<boolean> {
    this.refusals.push(refusal);
    if (this.onRenew !== undefined) return this.onRenew();
    const next = this.#fresh.shift();
    if (next === undefined) return Promise.resolve(false);
    this.token = next;
    return Promise.resolve(true);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

interface Guarded {
  readonly target: McpHttpTarget;
  readonly url: string;
  /** The `authorization` of each request. */
  readonly seen: (string | undefined)[];
  readonly bodies: string[];
}

async function guarded(tokens: TokenSource, listener: RequestListener, headers: string[] = []): Promise<Guarded> {
  const seen: (string | undefined)[] = [];
  const bodies: string[] = [];
  const backend = await startBackend((request, response) => {
    seen.push(request.headers.authorization);
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      bodies.push(body);
      listener(request, response);
    });
  });
  closers.push(() => backend.close());
  const client = openLocalMcpHttp([`${backend.url}/mcp`], { connections: 1 });
  closers.push(() => client.close(50));
  return { target: client.pick({ headers, tokens }), url: `${backend.url}/mcp`, seen, bodies };
}

/** Unpacks to a whole body although the answer goes on. */
const endlessRefusal = Buffer.concat([gzipSync("{}"), Buffer.alloc(4)]);

function post(target: McpHttpTarget): RecordingReader {
  const reader = new RecordingReader();
  target.post('{"id":1}', [], reader);
  return reader;
}

const refuse = (response: ServerResponse, status = 401, challenge = "Bearer"): unknown =>
  response.writeHead(status, { "www-authenticate": challenge, "content-type": "application/json" }).end('{"no":1}');

/** Answers to those who know the word. */
const wanting =
  (token: string): RequestListener =>
  (request: IncomingMessage, response) => {
    if (request.headers.authorization === `Bearer ${token}`) response.writeHead(202).end();
    else refuse(response);
  };

describe("a token", () => {
  test("takes the place of one that was refused by an answer without end, which is cut off", async () => {
    let refused: ServerResponse | undefined;
    const { target, seen } = await guarded(new Tokens("old", ["new"]), ({ headers }, response) => {
      if (headers.authorization === "Bearer new") {
        response.setHeader("content-type", "application/json").end('{"id":1}');
        return;
      }
      refused = response;
      response.writeHead(401, { "content-type": "application/json", "content-encoding": "gzip" }).write(endlessRefusal);
    });
    expect(await post(target).over).toEqual(["status 200", 'message {"id":1}', "end"]);
    if (refused?.closed === false) await once(refused, "close");
    expect(seen).toEqual(["Bearer old", "Bearer new"]);
  });

  test("is sent instead of a configured one", async () => {
    const { target, seen } = await guarded(new Tokens("good", []), wanting("good"), ["authorization", "Basic x"]);
    expect(await post(target).over).toEqual(["status 202", "end"]);
    expect(seen).toEqual(["Bearer good"]);
  });

  test("that is refused is renewed and the request sent once more; the reader hears one answer", async () => {
    const tokens = new Tokens("old", ["good"]);
    const { target, url, seen, bodies } = await guarded(tokens, wanting("good"));
    expect(await post(target).over).toEqual(["status 202", "end"]);
    expect(seen).toEqual(["Bearer old", "Bearer good"]);
    expect(bodies).toEqual(['{"id":1}', '{"id":1}']);
    expect(tokens.refusals).toEqual([{ url: new URL(url), status: 401, challenge: "Bearer", token: "old" }]);
  });

  test("that there is none of yet is asked for after the refusal", async () => {
    const tokens = new Tokens(undefined, ["good"]);
    const { target, seen } = await guarded(tokens, wanting("good"));
    expect(await post(target).over).toEqual(["status 202", "end"]);
    expect(seen).toEqual([undefined, "Bearer good"]);
    expect(tokens.refusals[0]?.token).toBeUndefined();
  });

  test("is renewed for a wider scope, not for any other 403", async () => {
    const challenge = 'Bearer error="insufficient_scope", scope="files:write"';
    const tokens = new Tokens("narrow", ["wide"]);
    const { target } = await guarded(tokens, (request, response) => {
      if (request.headers.authorization === "Bearer narrow") refuse(response, 403, challenge);
      else refuse(response, 403, 'Bearer error="invalid_token"');
    });
    expect(await post(target).over).toEqual(["status 403", 'message {"no":1}', "end"]);
    expect(tokens.refusals).toMatchObject([{ status: 403, challenge, token: "narrow" }]);
  });

  test("that cannot be renewed leaves the refusal as the answer", async () => {
    const { target, seen } = await guarded(new Tokens("bad", []), wanting("good"));
    const reader = post(target);
    expect(await reader.over).toEqual(["status 401", 'message {"no":1}', "end"]);
    expect(reader.header("www-authenticate")).toBe("Bearer");
    expect(seen).toHaveLength(1);
  });

  test("is renewed three times at most", async () => {
    const { target, seen } = await guarded(new Tokens("1", ["2", "3", "4", "5"]), wanting("none"));
    expect((await post(target).over)[0]).toBe("status 401");
    expect(seen).toEqual(["Bearer 1", "Bearer 2", "Bearer 3", "Bearer 4"]);
  });

  test("whose renewal fails fails the exchange with the sentence of the source", async () => {
    const tokens = new Tokens("old", []);
    tokens.onRenew = () => Promise.reject(new AppError("upstream_failed", "The authorization server wants a cookie."));
    const { target } = await guarded(tokens, wanting("good"));
    const reader = post(target);
    expect(await reader.over).toEqual(["failure upstream_failed"]);
    expect(reader.failure?.message).toBe("The authorization server wants a cookie.");
  });

  test("is refused as an endless page: the page is cut off and the token renewed", async () => {
    const tokens = new Tokens("old", ["good"]);
    const { target } = await guarded(tokens, (request, response) => {
      if (request.headers.authorization === "Bearer good") response.writeHead(202).end();
      else response.writeHead(401, { "content-type": "text/html" }).write("x".repeat(100_000));
    });
    expect(await post(target).over).toEqual(["status 202", "end"]);
  });

  test("is renewed without holding the place of another call", async () => {
    const tokens = new Tokens("old", []);
    let renewed: (isRenewed: boolean) => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      tokens.onRenew = () => {
        resolve();
        return new Promise((settle) => {
          renewed = settle;
        });
      };
    });
    const { target, seen } = await guarded(tokens, wanting("good"));
    const first = post(target);
    await asked;
    tokens.token = "good";
    expect(await post(target).over).toEqual(["status 202", "end"]);
    renewed(true);
    expect(await first.over).toEqual(["status 202", "end"]);
    expect(seen).toEqual(["Bearer old", "Bearer good", "Bearer good"]);
  });

  test("is renewed for nobody when the exchange was aborted meanwhile", async () => {
    const tokens = new Tokens("old", []);
    let renewed: (isRenewed: boolean) => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      tokens.onRenew = () => {
        resolve();
        return new Promise((settle) => {
          renewed = settle;
        });
      };
    });
    const { target, seen } = await guarded(tokens, wanting("good"));
    const reader = new RecordingReader();
    const turn = target.post("{}", [], reader);
    await asked;
    turn.abort();
    tokens.token = "good";
    renewed(true);
    expect(await post(target).over).toEqual(["status 202", "end"]);
    expect(seen).toEqual(["Bearer old", "Bearer good"]);
    expect(reader.log).toEqual([]);
  });
});

test("a stream that needs a token gets it", async () => {
  const { target, seen } = await guarded(new Tokens(undefined, ["good"]), (request, response) => {
    if (request.headers.authorization !== "Bearer good") refuse(response);
    else response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
  });
  const reader = new RecordingReader();
  const turn = target.get([], reader);
  await reader.heard("message 1");
  turn.abort();
  expect(seen).toEqual([undefined, "Bearer good"]);
  expect(reader.log).toEqual(["status 200", "message 1"]);
});
