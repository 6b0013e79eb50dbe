import type { Readable } from "node:stream";
import type { LogFields, Log } from "../../../core/log.ts";
import { freeChunk } from "./free-chunk.ts";
import { LogWindow } from "./log-window.ts";
import { readableLine } from "./readable-line.ts";

const lineFeed = 0x0a;
const maxLineBytes = 2_048;
/** What the last lines of a child that has ended are taken from. */
const tailBytes = 2_048;
const tailLines = 5;
/** After this much of a flood the child waits a moment: 100 MB a second at most, 4 % of a core. */
const floodBytes = 1_048_576;
const floodPauseMs = 10;

/**
 * Passes what a child writes to its standard error on to the log, line by line and at the rate of a
 * `LogWindow`. What goes beyond is not even cut into lines. It is read in any case, so that a child which
 * logs a lot does not have to wait for its log.
 */
export class StderrLog {
  readonly #stream: Readable;
  readonly #log: Log;
  readonly #fields: LogFields;
  readonly #window: LogWindow;
  /** The beginning of a line that has not ended. */
  #rest = Buffer.alloc(0);
  /** The line that has begun is not wanted any more. */
  #isCut = false;
  #tail: Buffer | undefined;
  #floodBytes = 0;

  /** @param fields go into every line: which child it is */
  constructor(stream: Readable, log: Log, fields: LogFields) {
    this.#stream = stream;
    this.#log = log;
    this.#fields = fields;
    this.#window = new LogWindow((bytes) =>
      log.warn("a child writes more to its standard error than the log takes", { ...fields, suppressedBytes: bytes }),
    );
    stream.on("data", (chunk: Buffer) => this.#feed(chunk));
    stream.on("error", (error) => log.debug("standard error of a child cannot be read", { ...fields, error }));
  }

  /** The last lines, for the log entry about the child's end. */
  get lastLines(): readonly string[] {
    const lines = this.#tail?.toString("utf8").split("\n") ?? [];
    return lines
      .map((line) => readableLine(Buffer.from(line), maxLineBytes))
      .filter((line) => line !== "")
      .slice(-tailLines);
  }

  /** Nothing more comes. May be called twice. */
  end(): void {
    if (!this.#isCut) this.#write(this.#rest);
    this.#rest = Buffer.alloc(0);
    this.#window.end();
  }

  #feed(chunk: Buffer): void {
    this.#keepTail(chunk);
    let start = 0;
    while (start < chunk.length && !this.#window.isFull) {
      const end = chunk.indexOf(lineFeed, start);
      if (end === -1 && this.#isCut) break;
      this.#take(chunk.subarray(start, end === -1 ? chunk.length : end), end !== -1);
      start = end === -1 ? chunk.length : end + 1;
    }
    if (start < chunk.length) this.#suppress(chunk, start);
  }

  #keepTail(chunk: Buffer): void {
    const kept = Math.min(chunk.length, tailBytes);
    this.#tail ??= Buffer.alloc(tailBytes);
    this.#tail.copyWithin(0, kept);
    chunk.copy(this.#tail, tailBytes - kept, chunk.length - kept);
  }

  /** A piece of a line, up to its end or up to where the chunk ends. */
  #take(piece: Buffer, isEnd: boolean): void {
    if (!this.#isCut) {
      const line = Buffer.concat([this.#rest, piece]);
      this.#isCut = line.length > maxLineBytes;
      const isWritten = isEnd || this.#isCut;
      this.#rest = isWritten ? Buffer.alloc(0) : line;
      if (isWritten) this.#write(line);
    }
    if (isEnd) this.#isCut = false;
  }

  #write(bytes: Buffer): void {
    const line = readableLine(bytes, maxLineBytes);
    if (line === "") return;
    this.#window.count();
    this.#log.info("standard error of a child", { ...this.#fields, line });
  }

  #suppress(chunk: Buffer, start: number): void {
    this.#window.suppress(chunk.length - start);
    this.#isCut = chunk.at(-1) !== lineFeed;
    this.#floodBytes += chunk.length;
    if (start === 0) freeChunk(chunk);
    if (this.#floodBytes < floodBytes) return;
    this.#floodBytes = 0;
    this.#stream.pause();
    setTimeout(() => this.#stream.resume(), floodPauseMs).unref();
  }
}
