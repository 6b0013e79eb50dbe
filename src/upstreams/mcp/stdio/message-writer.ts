import type { Writable } from "node:stream";
import { oneLine } from "../../../protocol/one-line.ts";

/**
 * Writes messages to a child, one per line. All that is sent in one turn of the event loop leaves in one
 * write: `setImmediate` runs when every socket of the turn has been read, a microtask after each of them
 * (measured with 32 callers: 6.1 against 7.7 µs per call).
 */
export class MessageWriter {
  readonly #stream: Writable;
  #text = "";
  #isScheduled = false;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** Bytes that the pipe has not taken; messages of the running turn count by their characters. */
  get pendingBytes(): number {
    return this.#text.length + this.#stream.writableLength;
  }

  /**
   * Never waits: whoever sends looks at `pendingBytes`. What follows a line break in a message would be
   * read as a message of its own; at a lone carriage return too, where Python ends lines.
   */
  write(message: string): void {
    this.#text += oneLine(message);
    this.#text += "\n";
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#flush);
  }

  /** Writes what waits and closes the pipe: the child reads an end of file. May be called twice. */
  end(): void {
    this.#flush();
    if (!this.#stream.writableEnded) this.#stream.end();
  }

  readonly #flush = (): void => {
    this.#isScheduled = false;
    if (this.#text === "") return;
    const bytes = Buffer.from(this.#text);
    this.#text = "";
    if (this.#stream.writable) this.#stream.write(bytes);
  };
}
