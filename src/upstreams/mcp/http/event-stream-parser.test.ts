import { createParser } from "eventsource-parser";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EventStreamParser } from "./event-stream-parser.ts";

interface Heard {
  readonly log: string[];
  readonly fits: boolean;
}

/** Reads the pieces one after another and writes down what was told. */
function read(pieces: readonly Buffer[], maxEventBytes = 1_000): Heard {
  const log: string[] = [];
  const parser = new EventStreamParser(maxEventBytes, {
    onId: (id) => log.push(`id ${id}`),
    onEvent: (type, data) => log.push(`event ${type} ${JSON.stringify(data)}`),
    onRetry: (delayMs) => log.push(`retry ${delayMs}`),
  });
  let fits = true;
  for (const piece of pieces) fits = parser.feed(piece);
  return { log, fits };
}

const readText = (text: string): readonly string[] => read([Buffer.from(text)]).log;

function bytesOf(text: string): Buffer[] {
  return Array.from(Buffer.from(text), (byte) => Buffer.from([byte]));
}

describe("an event stream", () => {
  test("tells type, data and id of each event", () => {
    expect(readText('event: message\nid: 7\ndata: {"a":1}\n\nevent: endpoint\ndata: /m?x=1\n\n')).toEqual([
      "id 7",
      'event message "{\\"a\\":1}"',
      'event endpoint "/m?x=1"',
    ]);
  });

  test("joins lines of data and takes one space after the colon away", () => {
    expect(readText("data: a\ndata:b\ndata:  c\ndata\n\n")).toEqual([String.raw`event message "a\nb\n c\n"`]);
  });

  test("tells the id of an event without data, and that an empty id takes the last one back", () => {
    expect(readText("id: 1\ndata:\n\nid: 2\n\nid\ndata: x\n\n")).toEqual(["id 1", "id 2", "id ", 'event message "x"']);
  });

  test("takes no id with a NUL and no delay that is not digits, and caps delays to what timers take", () => {
    expect(readText("id: a\0b\nretry: 1e3\nretry: -1\nretry: 500\nretry: 99999999999999\ndata: x\n\n")).toEqual([
      "retry 500",
      "retry 2147483647",
      'event message "x"',
    ]);
  });

  test("passes over comments, unknown fields and names that only begin like one", () => {
    expect(readText(": hello\n:\ndatax: 1\ndat: 2\nDATA: 3\nid : 4\ndata: y\n\n")).toEqual(['event message "y"']);
  });

  test("drops the event that it ends in", () => {
    expect(readText("data: a\n\nid: 9\ndata: b\n")).toEqual(['event message "a"']);
  });

  test("begins with a byte order mark, in one piece or in three", () => {
    const text = "\uFEFFdata: a\n\n\uFEFFdata: b\n\n";
    expect(readText(text)).toEqual(['event message "a"']);
    expect(read(bytesOf(text)).log).toEqual(['event message "a"']);
  });

  test("ends lines with CR, LF or CRLF, also where a piece ends", () => {
    const expected = [String.raw`event message "a\nb"`, 'event message "c"'];
    for (const end of ["\r", "\n", "\r\n"]) {
      const text = `data: a${end}data: b${end}${end}data: c${end}${end}`;
      expect(readText(text)).toEqual(expected);
      expect(read(bytesOf(text)).log).toEqual(expected);
    }
  });

  test("tells an event that ends with a CR before the next byte is there", () => {
    expect(readText("data: a\r\r")).toEqual(['event message "a"']);
  });
});

describe("the limit of one event", () => {
  test("holds for a line that does not end", () => {
    expect(read([Buffer.from(`data: ${"x".repeat(94)}`)], 100).fits).toBe(true);
    expect(read([Buffer.from(`data: ${"x".repeat(95)}`)], 100).fits).toBe(false);
    expect(read(bytesOf(`data: ${"x".repeat(95)}`), 100).fits).toBe(false);
  });

  test("holds for a line that came as a whole", () => {
    expect(read([Buffer.from(`data: ${"x".repeat(95)}\n\ndata: y\n\n`)], 100)).toEqual({ log: [], fits: false });
  });

  test("holds for many lines of one event, and counts each event by itself", () => {
    expect(read([Buffer.from("data\n".repeat(21))], 100).fits).toBe(false);
    expect(read([Buffer.from("data: 1\n\n".repeat(200))], 100).fits).toBe(true);
  });

  test("does not count comments that are over", () => {
    expect(read([Buffer.from(": ping\n".repeat(200)), Buffer.from("data: a\n\n")], 100)).toEqual({
      log: ['event message "a"'],
      fits: true,
    });
  });

  test("says nothing more after it was broken", () => {
    const stream = [Buffer.from(`data: ${"x".repeat(200)}`), Buffer.from("\n\ndata: a\n\n")];
    expect(read(stream, 100)).toEqual({ log: [], fits: false });
  });
});

/** Lines that stress every branch, put together at random. */
const line = fc.oneof(
  fc.constantFrom("", "", "data", "data:", "data: ", "id: 1", "id:", "event: x", "event:", "retry: 5", ": c", ":"),
  fc.string({ maxLength: 8, unit: "grapheme" }).map((text) => `data: ${text.replaceAll(/[\r\n]/g, " ")}`),
  fc.string({ maxLength: 8 }).map((text) => text.replaceAll(/[\r\n]/g, " ")),
);
const stream = fc
  .array(fc.tuple(line, fc.constantFrom("\n", "\r", "\r\n")), { maxLength: 30 })
  .map((lines) => lines.map(([text, end]) => text + end).join(""));

test("is read the same however it is cut", () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat({ max: 400 }), { maxLength: 12 }), (text, cuts) => {
      const whole = Buffer.from(text);
      const places = [0, ...cuts.map((cut) => Math.min(cut, whole.length)), whole.length].toSorted((a, b) => a - b);
      const pieces = places.slice(1).map((end, index) => whole.subarray(places[index], end));
      const expected = read([whole]).log;
      expect(read(pieces).log).toEqual(expected);
      expect(read(bytesOf(text)).log).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

test("has the events and delays that the reference parser reads, and the ids that the standard does", () => {
  fc.assert(
    fc.property(stream, (text) => {
      const expected: string[] = [];
      const parser = createParser({
        onEvent: ({ event, data }) => {
          if (data !== "") expected.push(`event ${event ?? "message"} ${JSON.stringify(data)}`);
        },
        onRetry: (delayMs) => expected.push(`retry ${delayMs}`),
      });
      // The reference waits at a CR for the byte after it, and takes a byte order mark for Latin-1.
      const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
      parser.feed(lines.join("\n"));
      const log = readText(text);
      expect(log.filter((entry) => !entry.startsWith("id "))).toEqual(expected);
      expect(log.filter((entry) => entry.startsWith("id "))).toEqual(idsOf(lines));
    }),
    { numRuns: 1_000 },
  );
});

/** The last id of each event, whether it has data or not. */
function idsOf(lines: readonly string[]): readonly string[] {
  const ids: string[] = [];
  let id: string | undefined;
  for (const line of lines.slice(0, -1)) {
    if (line === "") {
      if (id !== undefined) ids.push(`id ${id}`);
      id = undefined;
    } else if (/^id(:|$)/.test(line) && !line.includes("\0")) id = line.replace(/^id:? ?/, "");
  }
  return ids;
}

test("of small events costs time in proportion to its length, whatever ends its lines", () => {
  for (const end of ["\r", "\n", "\r\n"]) {
    const bytes = Buffer.from(`data: 1${end}${end}`.repeat(200_000));
    const started = process.cpuUsage().user;
    expect(read([bytes]).log).toHaveLength(200_000);
    // Quadratic would be minutes.
    expect(process.cpuUsage(undefined).user - started).toBeLessThan(5_000_000);
  }
});
