import { oneLine } from "../../../protocol/one-line.ts";
import { EventStreamParser, type EventStreamListener } from "./event-stream-parser.ts";
import { GrowingBuffer } from "./growing-buffer.ts";
import type { ExchangeReader } from "./mcp-http-client.ts";

/** What became of a piece: taken; nothing more is needed; or the answer breaks the limit. */
export type Taken = "taken" | "enough" | "too-large";

/** Takes the body of one answer, decoded, and tells the reader what is in it. */
export interface AnswerBody {
  take(piece: Buffer): Taken;
  /** The body is complete. Tells the reader the rest and `onEnd`. */
  end(): void;
  /** The reader hears nothing more. */
  mute(): void;
}

export type BodyForm = "json" | "events" | "text";

/**
 * How a body is read, by its Content-Type.
 *
 * @param mayStream whether events are told as they come; otherwise their text is as good as any
 */
export function bodyForm(contentType: string | undefined, mayStream: boolean): BodyForm {
  if (contentType === undefined) return "text";
  // What servers send in practice, without taking it apart.
  if (contentType === "application/json") return "json";
  const semicolon = contentType.indexOf(";");
  const mimeType = (semicolon === -1 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase();
  if (mimeType === "text/event-stream") return mayStream ? "events" : "text";
  return mimeType === "application/json" || mimeType.endsWith("+json") ? "json" : "text";
}

export function openBody(form: BodyForm, reader: ExchangeReader, maxMessageBytes: number): AnswerBody {
  switch (form) {
    case "json":
      return new JsonBody(reader, maxMessageBytes);
    case "events":
      return new EventsBody(reader, maxMessageBytes);
    case "text":
      return new TextBody(reader);
  }
}

/** A JSON body: one message once it is complete. */
class JsonBody implements AnswerBody {
  readonly #reader: ExchangeReader;
  readonly #maxBytes: number;
  readonly #bytes = new GrowingBuffer();
  #isMute = false;

  constructor(reader: ExchangeReader, maxBytes: number) {
    this.#reader = reader;
    this.#maxBytes = maxBytes;
  }

  take(piece: Buffer): Taken {
    if (this.#bytes.length + piece.length > this.#maxBytes) return "too-large";
    this.#bytes.append(piece);
    return "taken";
  }

  end(): void {
    if (this.#bytes.length > 0) this.#reader.onMessage(oneLine(decode(this.#bytes.bytes())));
    if (!this.#isMute) this.#reader.onEnd("");
  }

  mute(): void {
    this.#isMute = true;
  }
}

/** An event stream: messages as they come, as long as it lasts. */
class EventsBody implements AnswerBody, EventStreamListener {
  readonly #reader: ExchangeReader;
  readonly #parser: EventStreamParser;
  #isMute = false;

  constructor(reader: ExchangeReader, maxBytes: number) {
    this.#reader = reader;
    this.#parser = new EventStreamParser(maxBytes, this);
  }

  take(piece: Buffer): Taken {
    return this.#parser.feed(piece) ? "taken" : "too-large";
  }

  end(): void {
    if (!this.#isMute) this.#reader.onEnd("");
  }

  mute(): void {
    this.#isMute = true;
  }

  onId(id: string): void {
    if (!this.#isMute) this.#reader.onEventId(id);
  }

  onEvent(type: string, data: string): void {
    if (this.#isMute) return;
    if (type === "message") this.#reader.onMessage(oneLine(data));
    else this.#reader.onEvent(type, data);
  }

  onRetry(delayMs: number): void {
    if (!this.#isMute) this.#reader.onRetry(delayMs);
  }
}

const mostShownCharacters = 2_000;
/** UTF-8 needs no more for them. */
const mostShownBytes = 4 * mostShownCharacters;
/** An answer that is not used is read up to here to keep its socket. */
const mostReadBytes = 65_536;

/** A body that is neither JSON nor events, such as the page of a proxy: its beginning is for messages. */
class TextBody implements AnswerBody {
  readonly #reader: ExchangeReader;
  readonly #bytes = new GrowingBuffer();
  #readBytes = 0;

  constructor(reader: ExchangeReader) {
    this.#reader = reader;
  }

  take(piece: Buffer): Taken {
    this.#readBytes += piece.length;
    const room = mostShownBytes - this.#bytes.length;
    if (room > 0) this.#bytes.append(piece.subarray(0, room));
    return this.#readBytes > mostReadBytes ? "enough" : "taken";
  }

  end(): void {
    this.#reader.onEnd(decode(this.#bytes.bytes()).slice(0, mostShownCharacters));
  }

  mute(): void {
    // It says a single thing, at its end.
  }
}

/** Without a byte order mark, which RFC 8259, 8.1 lets us ignore. */
function decode(bytes: Buffer): string {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return bytes.toString("utf8", hasMark ? 3 : 0);
}
