import { afterEach, describe, expect, test } from "vitest";
import { type LocalBackend, startBackend } from "../../../../test/fixtures/local-backend.ts";
import { noIdentity, openLocalMcpHttp } from "../../../../test/fixtures/mcp-http-fixture.ts";
import { RecordingReader } from "../../../../test/fixtures/recording-reader.ts";
import type { McpHttpClient, McpHttpTarget } from "./mcp-http-client.ts";
import type { McpHttpOptions } from "./open-mcp-http.ts";

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

interface Replica extends LocalBackend {
  /** What it answers; 0 for nothing. */
  status: number;
}

async function replica(status = 202): Promise<Replica> {
  const answers = { status };
  const backend = await startBackend((_request, response) => {
    if (answers.status !== 0) response.writeHead(answers.status).end();
  });
  closers.push(() => backend.close());
  return Object.assign(answers, backend);
}

function open(urls: readonly string[], options: Partial<McpHttpOptions> = {}): McpHttpClient {
  const client = openLocalMcpHttp(urls, { random: () => 1, ...options });
  closers.push(() => client.close(50));
  return client;
}

async function post(target: McpHttpTarget): Promise<string | undefined> {
  const reader = new RecordingReader();
  target.post("{}", [], reader);
  return (await reader.over).at(-1);
}

/** A connection at this URL; picking takes turns, so it comes up. */
function at(client: McpHttpClient, origin: string): McpHttpTarget {
  for (let turn = 0; turn < 10; turn++) {
    const target = client.pick(noIdentity);
    if (target.url.origin === origin) return target;
  }
  throw new Error(`${origin} is not picked`);
}

const picked = (client: McpHttpClient, times: number): readonly string[] =>
  Array.from({ length: times }, () => client.pick(noIdentity).url.origin);

describe("several URLs", () => {
  test("take turns", async () => {
    const urls = [(await replica()).url, (await replica()).url, (await replica()).url];
    expect(new Set(picked(open(urls), 3))).toEqual(new Set(urls));
  });

  test("with requests under way are avoided while another has fewer", async () => {
    const [busy, free] = [await replica(0), await replica()];
    const client = open([busy.url, free.url]);
    at(client, busy.url).post("{}", [], new RecordingReader());
    expect(picked(client, 4)).toEqual([free.url, free.url, free.url, free.url]);
  });

  test("are left out while they answer with 5xx or not at all, and come back", async () => {
    let time = 0;
    const [bad, good] = [await replica(503), await replica()];
    const gone = await startBackend(() => undefined);
    await gone.close();
    const client = open([bad.url, gone.url, good.url], { now: () => time });
    const targets = [at(client, bad.url), at(client, gone.url)] as const;
    for (const target of targets) for (let count = 0; count < 3; count++) await post(target);
    expect(client.status()).toEqual([
      { url: bad.url, state: "ejected", failures: 3 },
      { url: gone.url, state: "ejected", failures: 3 },
      { url: good.url, state: "up", failures: 0 },
    ]);
    expect(new Set(picked(client, 6))).toEqual(new Set([good.url]));

    // A connection that is on an ejected URL stays there, and its success brings the URL back.
    bad.status = 202;
    expect(await post(targets[0])).toBe("end");
    expect(new Set(picked(client, 6))).toEqual(new Set([bad.url, good.url]));

    time = 1_000;
    expect(new Set(picked(client, 6))).toEqual(new Set([bad.url, gone.url, good.url]));
    await post(targets[1]);
    expect(client.status()[1]).toEqual({ url: gone.url, state: "ejected", failures: 4 });
  });

  test("that are all left out: the one that may be tried first is picked", async () => {
    let time = 0;
    const urls = [(await replica(500)).url, (await replica(500)).url];
    const client = open(urls, { now: () => time });
    const targets = [client.pick(noIdentity), client.pick(noIdentity)] as const;
    for (const target of targets) {
      for (let count = 0; count < 3; count++) await post(target);
      time += 100;
    }
    expect(new Set(picked(client, 4))).toEqual(new Set([targets[0].url.origin]));
  });

  test("are not blamed for calls that were given up or for what a client did wrong", async () => {
    const { url } = await replica(0);
    const strict = await replica(400);
    const client = open([url, strict.url]);
    for (let count = 0; count < 8; count++) {
      const target = client.pick(noIdentity);
      if (target.url.origin === strict.url) await post(target);
      else target.post("{}", [], new RecordingReader()).abort();
    }
    expect(client.status().map(({ failures }) => failures)).toEqual([0, 0]);
  });

  test("that the guard refuses are left out too", async () => {
    const { url } = await replica();
    const client = open(["http://10.0.0.1/mcp", url]);
    const target = at(client, "http://10.0.0.1");
    for (let count = 0; count < 3; count++) expect(await post(target)).toBe("failure upstream_failed");
    expect(new Set(picked(client, 4))).toEqual(new Set([url]));
  });
});
