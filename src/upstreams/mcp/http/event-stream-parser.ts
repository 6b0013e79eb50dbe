import { GrowingBuffer } from "./growing-buffer.ts";

/** Who hears what an event stream says, in its order. Never throws. */
export interface EventStreamListener {
  /** The event that follows has an id, with or without data; empty: there is no last id any more. */
  onId(id: string): void;
  /** An event that has data, lines joined by `\n`. `type` is `message` unless the stream names another. */
  onEvent(type: string, data: string): void;
  onRetry(delayMs: number): void;
}

const lineFeed = 10;
const carriageReturn = 13;
const space = 32;
const colon = 58;
/** Timers take no more; a larger delay would run at once. */
const longestDelayMs = 2_147_483_647;

/**
 * Reads an event stream (HTML standard, 9.2.6) from bytes in whatever pieces they come: LF, CR and CRLF,
 * a byte order mark, comments, fields of any order. Two things differ from a browser: ids of events
 * without data are told too, because the stream may break after them; and what one event may hold is
 * bounded. An event that the stream ends in is dropped, as the standard asks.
 */
export class EventStreamParser {
  readonly #maxEventBytes: number;
  readonly #listener: EventStreamListener;
  /** The line under way. */
  readonly #line = new GrowingBuffer();
  #mayBeMark = true;
  #endedWithReturn = false;
  #isOver = false;

  // Of the event under way.
  #type = "";
  #id: string | undefined;
  #data: string[] = [];
  #dataBytes = 0;

  constructor(maxEventBytes: number, listener: EventStreamListener) {
    this.#maxEventBytes = maxEventBytes;
    this.#listener = listener;
  }

  /** False when an event is larger than allowed; nothing is read any more then. */
  feed(chunk: Buffer): boolean {
    let start = 0;
    // Each kind of line end is looked for once per line of its kind, so that no stream costs more than its length.
    let nextFeed = chunk.indexOf(lineFeed);
    let nextReturn = chunk.indexOf(carriageReturn);
    while (!this.#isOver) {
      if (this.#endedWithReturn && start < chunk.length) {
        this.#endedWithReturn = false;
        if (chunk[start] === lineFeed) start++;
      }
      if (nextFeed !== -1 && nextFeed < start) nextFeed = chunk.indexOf(lineFeed, start);
      if (nextReturn !== -1 && nextReturn < start) nextReturn = chunk.indexOf(carriageReturn, start);
      const isReturn = nextReturn !== -1 && (nextFeed === -1 || nextReturn < nextFeed);
      const end = isReturn ? nextReturn : nextFeed;
      if (end === -1) break;
      this.#endedWithReturn = isReturn;
      this.#takeLine(chunk, start, end);
      start = end + 1;
    }
    if (this.#isOver) return false;
    if (start < chunk.length) this.#line.append(start === 0 ? chunk : chunk.subarray(start));
    return this.#isWithinLimit(this.#line.length);
  }

  #takeLine(chunk: Buffer, start: number, end: number): void {
    if (this.#line.length === 0) {
      if (this.#isWithinLimit(end - start)) this.#readLine(chunk, start, end);
      return;
    }
    this.#line.append(chunk.subarray(start, end));
    const line = this.#line.bytes();
    this.#line.clear();
    if (this.#isWithinLimit(line.length)) this.#readLine(line, 0, line.length);
  }

  #isWithinLimit(lineBytes: number): boolean {
    if (lineBytes + this.#dataBytes <= this.#maxEventBytes) return true;
    this.#isOver = true;
    this.#line.clear();
    this.#data = [];
    return false;
  }

  #readLine(bytes: Buffer, from: number, end: number): void {
    let start = from;
    if (this.#mayBeMark) {
      this.#mayBeMark = false;
      if (bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf) start += 3;
    }
    if (start >= end) {
      this.#dispatch();
      return;
    }
    const colonAt = indexOfColon(bytes, start, end);
    if (colonAt === start) return;
    const nameEnd = colonAt === -1 ? end : colonAt;
    const valueStart = colonAt === -1 ? end : colonAt + (colonAt + 1 < end && bytes[colonAt + 1] === space ? 2 : 1);
    // Field names are told apart by length and first letter before any text is made of them.
    const name = nameEnd - start > 5 ? "" : bytes.toString("latin1", start, nameEnd);
    if (name === "data") {
      this.#data.push(bytes.toString("utf8", valueStart, end));
      this.#dataBytes += end - start + 1;
    } else if (name === "event") this.#type = bytes.toString("utf8", valueStart, end);
    else if (name === "id") this.#readId(bytes.toString("utf8", valueStart, end));
    else if (name === "retry") this.#readRetry(bytes.toString("latin1", valueStart, end));
  }

  #readId(id: string): void {
    if (!id.includes("\0")) this.#id = id;
  }

  #readRetry(digits: string): void {
    if (/^[0-9]+$/.test(digits)) this.#listener.onRetry(Math.min(Number(digits), longestDelayMs));
  }

  #dispatch(): void {
    const id = this.#id;
    const type = this.#type;
    const data = this.#data.length === 1 ? (this.#data[0] ?? "") : this.#data.join("\n");
    this.#id = undefined;
    this.#type = "";
    if (this.#data.length > 0) this.#data = [];
    this.#dataBytes = 0;
    if (id !== undefined) this.#listener.onId(id);
    if (data !== "") this.#listener.onEvent(type === "" ? "message" : type, data);
  }
}

/** Field names that mean something are at most five bytes long. */
function indexOfColon(bytes: Buffer, start: number, end: number): number {
  const most = Math.min(end, start + 6);
  for (let index = start; index < most; index++) if (bytes[index] === colon) return index;
  return -1;
}
