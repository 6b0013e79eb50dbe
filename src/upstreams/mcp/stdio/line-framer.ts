import { oneLine } from "../../../protocol/one-line.ts";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const tab = 0x09;
const openBrace = 0x7b;
const openBracket = 0x5b;
const smallestRest = 4_096;

export interface LineReader {
  /** A line that begins like a JSON object or array, without its end and without lone carriage returns. */
  onMessage(text: string): void;
  /** Any other line that is not blank. */
  onGarbage(line: Buffer): void;
}

/**
 * Cuts the bytes that a child writes into lines (MCP specification, transports: messages are delimited
 * by newlines). A line is decoded once and whole, so that a character may arrive in two pieces. What is
 * kept of an unfinished line is copied into one buffer that doubles: a child that writes byte by byte
 * costs no more memory than one that does not.
 */
export class LineFramer {
  readonly #maxBytes: number;
  readonly #reader: LineReader;
  #rest: Buffer | undefined;
  #restBytes = 0;
  #skippedLines = 0;

  constructor(maxBytes: number, reader: LineReader) {
    this.#maxBytes = maxBytes;
    this.#reader = reader;
  }

  /** Lines so far that were no messages; blank ones count too, for they cost time as well. */
  get skippedLines(): number {
    return this.#skippedLines;
  }

  /** False when a line is longer than allowed; nothing must be fed after that. */
  feed(chunk: Buffer): boolean {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      if (this.#restBytes + end - start > this.#maxBytes) return false;
      if (this.#rest === undefined) this.#emit(chunk, start, end);
      else this.#emitRest(chunk, start, end);
      start = end + 1;
    }
    if (this.#restBytes + chunk.length - start > this.#maxBytes) return false;
    if (start < chunk.length) this.#keep(chunk, start, chunk.length);
    return true;
  }

  #emitRest(chunk: Buffer, start: number, end: number): void {
    const rest = this.#keep(chunk, start, end);
    const bytes = this.#restBytes;
    this.#rest = undefined;
    this.#restBytes = 0;
    this.#emit(rest, 0, bytes);
  }

  #keep(chunk: Buffer, start: number, end: number): Buffer {
    const needed = this.#restBytes + end - start;
    let rest = this.#rest;
    if (rest === undefined || rest.length < needed) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#restBytes * 2, smallestRest));
      rest?.copy(larger, 0, 0, this.#restBytes);
      rest = larger;
    }
    chunk.copy(rest, this.#restBytes, start, end);
    this.#rest = rest;
    this.#restBytes = needed;
    return rest;
  }

  #emit(bytes: Buffer, start: number, end: number): void {
    let first = start;
    while (first < end && isBlank(bytes[first])) first += 1;
    let last = end;
    while (last > first && isBlank(bytes[last - 1])) last -= 1;
    const opening = bytes[first];
    if (first < last && (opening === openBrace || opening === openBracket)) {
      this.#reader.onMessage(oneLine(bytes.toString("utf8", first, last)));
      return;
    }
    this.#skippedLines += 1;
    if (first < last) this.#reader.onGarbage(bytes.subarray(first, last));
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === space || byte === tab || byte === carriageReturn;
}
