import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, readFileSync, readSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LogSink } from "./log-sink.ts";
import { withinMs } from "../test/fixtures/time-limit.ts";

let folder: string;
const opened: number[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "passerelle-log-"));
});

afterEach(async () => {
  for (const descriptor of opened.splice(0)) closeSync(descriptor);
  await rm(folder, { recursive: true });
});

describe("a log file", () => {
  test("has all lines in order when the sink is closed", async () => {
    const path = join(folder, "log");
    const sink = new LogSink(open(path, constants.O_WRONLY | constants.O_CREAT));
    const lines = Array.from({ length: 1_000 }, (_, i) => `line ${i} with é\n`);
    const written = Promise.all(lines.map((line) => sink.write(line)));
    await sink.close();
    await written;
    expect(readFileSync(path, "utf8")).toBe(lines.join(""));
    await expect(sink.write("too late\n")).rejects.toThrow("gone");
  });
});

describe.skipIf(process.platform === "win32")("a pipe", () => {
  test("that is full is waited for, and loses nothing", async () => {
    const [reader, writer] = openPipe();
    const sink = new LogSink(writer);
    const text = "0123456789abcdef".repeat(16_384); // more than a pipe holds
    let isWritten = false;
    const written = sink.write(text).then(() => {
      isWritten = true;
    });
    // Other work of the file system passes by: the pipe has been found full by then.
    for (let i = 0; i < 20; i += 1) await stat(folder);
    expect(isWritten).toBe(false);
    let received = "";
    while (received.length < text.length) {
      received += read(reader);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await written;
    expect(received).toBe(text);
    await sink.close();
  });

  test("that nobody reads holds a bounded amount, and ends at the deadline", async () => {
    const [, writer] = openPipe();
    const sink = new LogSink(writer);
    const megabyte = "x".repeat(1_048_576);
    const outcomes = Array.from({ length: 12 }, () =>
      sink.write(megabyte).then(
        () => "written",
        () => "dropped",
      ),
    );
    const begunAt = performance.now();
    await sink.close(50);
    expect(performance.now() - begunAt).toBeLessThan(withinMs(1_000));
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(["dropped"]));
  });

  test("whose reader is gone drops lines, one by one", async () => {
    const [reader, writer] = openPipe();
    closeSync(reader);
    opened.splice(opened.indexOf(reader), 1);
    const sink = new LogSink(writer);
    await expect(sink.write("a\n")).rejects.toThrow("EPIPE");
    await expect(sink.write("b\n")).rejects.toThrow("EPIPE");
    await sink.close();
  });
});

function open(path: string, flags: number): number {
  const descriptor = openSync(path, flags);
  opened.push(descriptor);
  return descriptor;
}

function openPipe(): readonly [reader: number, writer: number] {
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  const reader = open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return [reader, open(path, constants.O_WRONLY | constants.O_NONBLOCK)];
}

/** What the pipe holds now. */
function read(descriptor: number): string {
  const buffer = Buffer.alloc(65_536);
  try {
    return buffer.toString("utf8", 0, readSync(descriptor, buffer));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return "";
    throw error;
  }
}
