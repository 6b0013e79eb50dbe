import { StringDecoder } from "node:string_decoder";
import type { CallStream, CallStreamSink } from "../../core/call.ts";
import type { AppError } from "../../core/errors.ts";
import type { BodySink, Flow } from "./response.ts";

/**
 * A large text on its way through: escaped as the inside of a JSON string piece by piece as it arrives,
 * and held back at the socket while the reader is slow, so that it is never in memory as a whole.
 */
export class LargeText implements CallStream, BodySink {
  readonly kind = "stream";
  readonly head = '"content":[{"type":"text","text":"';
  readonly #flow: Flow;
  readonly #decoder = new StringDecoder("utf8");
  /** What came before the reader was ready for it. */
  #pending: Buffer[] = [];
  #reader: CallStreamSink | undefined;
  #isPaused = false;
  #isFirst = true;
  /** Closes the result; there once the body is over. */
  #tail: string | undefined;

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  start(sink: CallStreamSink): void {
    this.#reader = sink;
    this.#drain();
  }

  resume(): void {
    this.#isPaused = false;
    this.#drain();
  }

  write(chunk: Buffer): boolean {
    this.#pending.push(chunk);
    return this.#flush();
  }

  end(): void {
    this.#tail = '"}]';
    this.#flush();
  }

  fail(error: AppError): void {
    const note = JSON.stringify(`\n\n[The result is incomplete. ${error.message}]`).slice(1, -1);
    this.#tail = `${note}"}],"isError":true`;
    // A reader that stalls gets the end at once instead of what waits for it.
    if (this.#isPaused) this.#pending = [];
    this.#isPaused = false;
    this.#flush();
  }

  #drain(): void {
    if (this.#flush() && this.#tail === undefined) this.#flow.resume();
  }

  /** Hands on what it may. True when the reader takes more. */
  #flush(): boolean {
    const reader = this.#reader;
    if (reader === undefined) return false;
    while (!this.#isPaused) {
      const chunk = this.#pending.shift();
      if (chunk === undefined) break;
      this.#isPaused = !this.#give(reader, this.#decoder.write(chunk));
    }
    if (this.#isPaused) return false;
    if (this.#tail !== undefined) {
      this.#give(reader, this.#decoder.end());
      this.#reader = undefined;
      reader.onEnd(this.#tail);
    }
    return true;
  }

  #give(reader: CallStreamSink, text: string): boolean {
    if (text === "") return true;
    // A byte order mark is no part of the text.
    const plain = this.#isFirst && text.startsWith("\ufeff") ? text.slice(1) : text;
    this.#isFirst = false;
    return reader.onData(JSON.stringify(plain).slice(1, -1));
  }
}
