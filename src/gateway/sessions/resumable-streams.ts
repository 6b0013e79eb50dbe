import { encodeEvent, encodePrimingEvent } from "../../protocol/event-stream.ts";
import type { EventWriter } from "./event-writer.ts";

const maxStreams = 32;
const maxEvents = 256;
const maxBytes = 1_048_576;

interface StoredEvent {
  readonly sequence: number;
  readonly text: string;
}

/** One event stream of a session that outlives its connection. Events are numbered from 1. */
export class ResumableStream {
  readonly id: number;
  #sequence = 0;
  #events: StoredEvent[] = [];
  #bytes = 0;
  #writer: EventWriter | undefined;
  #ended = false;

  constructor(id: number) {
    this.id = id;
  }

  get isAttached(): boolean {
    return this.#writer !== undefined;
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  /** Puts the stream on a connection; an older connection is ended, nothing goes to two of them. */
  attach(writer: EventWriter): void {
    this.#writer?.end();
    this.#writer = writer;
  }

  detach(writer: EventWriter): void {
    if (this.#writer === writer) this.#writer = undefined;
  }

  /** An id without data, so that the client can resume before the first event. */
  prime(retryMs: number): void {
    this.#writer?.write(encodePrimingEvent(this.#eventId(this.#sequence), retryMs));
  }

  send(data: string): void {
    const event = { sequence: ++this.#sequence, text: encodeEvent(data, this.#eventId(this.#sequence)) };
    this.#events.push(event);
    this.#bytes += event.text.length;
    while (this.#events.length > 1 && (this.#events.length > maxEvents || this.#bytes > maxBytes)) {
      this.#bytes -= this.#events.shift()?.text.length ?? 0;
    }
    this.#writer?.write(event.text);
  }

  /** No further events come; the connection ends when it has them all. */
  end(): void {
    this.#ended = true;
    this.#writer?.end();
    this.#writer = undefined;
  }

  /** Closes the connection alone; the client comes back for the rest. */
  disconnect(retryMs?: number): void {
    this.#writer?.end(retryMs);
    this.#writer = undefined;
  }

  /** Writes what came after event `sequence`. False when some of it is no longer kept. */
  replay(sequence: number, writer: EventWriter): boolean {
    const oldest = this.#events[0]?.sequence ?? this.#sequence + 1;
    if (sequence > this.#sequence || sequence + 1 < oldest) return false;
    for (const event of this.#events) if (event.sequence > sequence) writer.write(event.text);
    return true;
  }

  #eventId(sequence: number): string {
    return `${this.id}-${sequence}`;
  }
}

/** The streams of one session, bounded in number; the oldest ended ones are forgotten first. */
export class ResumableStreams {
  readonly #streams = new Map<number, ResumableStream>();
  #nextId = 1;

  open(): ResumableStream {
    const stream = new ResumableStream(this.#nextId++);
    this.#streams.set(stream.id, stream);
    this.#forgetOldest();
    return stream;
  }

  /** The stream an event id belongs to, and the number of the last event the client has. */
  find(lastEventId: string): { stream: ResumableStream; sequence: number } | undefined {
    const match = /^(\d{1,15})-(\d{1,15})$/.exec(lastEventId);
    if (match === null) return undefined;
    const stream = this.#streams.get(Number(match[1]));
    return stream === undefined ? undefined : { stream, sequence: Number(match[2]) };
  }

  /** Ends every stream; with `retryMs` clients are told to come back. */
  close(retryMs?: number): void {
    for (const stream of this.#streams.values()) {
      stream.disconnect(retryMs);
      stream.end();
    }
    this.#streams.clear();
  }

  #forgetOldest(): void {
    if (this.#streams.size <= maxStreams) return;
    for (const [id, stream] of this.#streams) {
      if (!stream.isEnded) continue;
      this.#streams.delete(id);
      if (this.#streams.size <= maxStreams) return;
    }
  }
}
