import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { keptLog } from "../../../../test/fixtures/stdio-peer.ts";
import { StderrLog } from "./stderr-log.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

interface Errors {
  readonly stderr: StderrLog;
  readonly lines: () => unknown[];
  readonly suppressed: () => unknown[];
  readonly write: (text: string | Buffer) => void;
}

function open(): Errors {
  const log = keptLog();
  const stream = new PassThrough();
  const stderr = new StderrLog(stream, log, { upstream: "upstreams.files" });
  const field = (name: string) => (): unknown[] =>
    log.entries.map(({ fields }) => fields[name]).filter((value) => value !== undefined);
  const write = (text: string | Buffer): void => void stream.emit("data", Buffer.from(text));
  return { stderr, lines: field("line"), suppressed: field("suppressedBytes"), write };
}

describe("what a child writes to its standard error", () => {
  test("is logged line by line, whole however it comes, without what steers a terminal", () => {
    const { stderr, lines, write } = open();
    const bytes = Buffer.from("\u001b[31mgr\u00fcn\u001b[0m\r\n\n\u0007two\tthree\nlast");
    for (const byte of bytes) write(Buffer.of(byte));
    expect(lines()).toEqual(["grün", "two three"]);
    stderr.end();
    expect(lines()).toEqual(["grün", "two three", "last"]);
  });

  test("is cut after 2 kB of a line", () => {
    const { lines, write } = open();
    write("x".repeat(3_000));
    write(`${"x".repeat(3_000)}\nnext\n`);
    expect(lines()).toEqual([`${"x".repeat(2_048)}…`, "next"]);
  });

  test("is logged 20 lines a second; the rest is counted, and logging goes on with a whole line", () => {
    const { lines, suppressed, write } = open();
    write("0123456789\n".repeat(100));
    write("begun, ");
    expect(lines()).toHaveLength(20);
    expect(suppressed()).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(suppressed()).toEqual([80 * 11 + 7]);
    write("ended\nnew\n");
    expect(lines().slice(20)).toEqual(["new"]);
  });

  test("explains the end of the child by its last lines, logged or not", () => {
    const { stderr, write } = open();
    write("x".repeat(5_000));
    write(`\n${"line\n".repeat(100)}Error: no such folder\n\n    at main\n`);
    expect(stderr.lastLines).toEqual(["line", "line", "line", "Error: no such folder", "at main"]);
  });
});
