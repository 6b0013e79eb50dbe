import { once } from "node:events";
import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LocalBackend, startBackend } from "../../../test/fixtures/local-backend.ts";
import { EventWriter } from "./event-writer.ts";
import { KeepAlive } from "./keep-alive.ts";
import { type ResumableStream, ResumableStreams } from "./resumable-streams.ts";

let server: LocalBackend;
let streams: ResumableStreams;

beforeEach(async () => {
  server = await startBackend(() => undefined);
  streams = new ResumableStreams();
});

afterEach(() => server.close());

describe("a stream that is resumed", () => {
  test("gives what came after the named event, and nothing twice", async () => {
    const stream = streams.open();
    for (const data of ["a", "b", "c"]) stream.send(data);
    expect(await replayed(stream, 1)).toEqual(["b", "c"]);
    expect(await replayed(stream, 3)).toEqual([]);
  });

  test("is refused when events after the named one are no longer kept", async () => {
    const stream = streams.open();
    for (let i = 1; i <= 300; i += 1) stream.send(String(i));
    expect(await replayed(stream, 43)).toBeUndefined();
    expect(await replayed(stream, 44)).toHaveLength(256);
    expect(await replayed(stream, 301)).toBeUndefined();
  });

  test("keeps a bounded number of bytes, but always the last event", async () => {
    const stream = streams.open();
    for (let i = 0; i < 5; i += 1) stream.send("x".repeat(500_000));
    expect(await replayed(stream, 2)).toBeUndefined();
    expect(await replayed(stream, 3)).toHaveLength(2);
    stream.send("y".repeat(2_000_000));
    expect(await replayed(stream, 5)).toHaveLength(1);
  });
});

describe("the streams of a session", () => {
  test("are told apart by the ids of their events", () => {
    const [first, second] = [streams.open(), streams.open()];
    expect(streams.find(`${first.id}-0`)?.stream).toBe(first);
    expect(streams.find(`${second.id}-7`)).toEqual({ stream: second, sequence: 7 });
  });

  test.each(["", "1", "-1", "1-", "a-1", "1-1 ", "99-1", "1-1-1", "1e3-1", `${"9".repeat(400)}-1`, "__proto__-1"])(
    "have no event of the id %j",
    (id) => {
      streams.open();
      expect(streams.find(id)).toBeUndefined();
    },
  );

  test("are forgotten from the oldest on when there are many, but none that still runs", () => {
    const running = streams.open();
    const ended = Array.from({ length: 60 }, () => {
      const stream = streams.open();
      stream.end();
      return stream;
    });
    expect(streams.find(`${running.id}-0`)?.stream).toBe(running);
    expect(ended.filter(({ id }) => streams.find(`${id}-0`) !== undefined).length).toBeLessThanOrEqual(32);
    expect(streams.find(`${ended.at(-1)?.id}-0`)).toBeDefined();
  });
});

/** The data that a client gets when it names an event; undefined when that cannot be served. */
async function replayed(stream: ResumableStream, sequence: number): Promise<string[] | undefined> {
  const requested = once(server.server, "request");
  const outgoing = request(server.url, { agent: false }).end();
  const [, response] = (await requested) as [IncomingMessage, ServerResponse]; // what the event carries
  const writer = new EventWriter({
    response,
    headers: [],
    keepAlive: new KeepAlive(),
    keepAliveMs: 15_000,
    onClose: () => undefined,
  });
  const answered = once(outgoing, "response");
  const isServed = stream.replay(sequence, writer);
  writer.end();
  const [incoming] = (await answered) as [IncomingMessage];
  let text = "";
  for await (const chunk of incoming) text += String(chunk);
  return isServed ? [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => data ?? "") : undefined;
}
