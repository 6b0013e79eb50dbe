import { write } from "node:fs";

/** A full pipe says so at once (EAGAIN); its reader gets this long before the next try. */
const retryMs = 50;
/** More unwritten text than this is refused. */
const maxPendingBytes = 8_388_608;
/** Longest time that the end waits for a reader. */
const usualCloseDeadlineMs = 1_000;

interface Entry {
  readonly bytes: Buffer;
  readonly settle: (error?: Error) => void;
}

/**
 * Writes text to a file descriptor in the background and in order. A reader that lags is waited for
 * within bounds, one that is gone is given up: log lines never hold up or end the program. Node's own
 * write stream does not fit: it keeps everything after its first error, and a full pipe is one.
 */
export class LogSink {
  readonly #fileDescriptor: number;
  readonly #entries: Entry[] = [];
  #pendingBytes = 0;
  /** Of the first entry. */
  #writtenBytes = 0;
  #writing = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #onIdle: (() => void) | undefined;

  constructor(fileDescriptor: number) {
    this.#fileDescriptor = fileDescriptor;
  }

  /**
   * Resolves when the text is written; bytes must stay as they are until then. Rejects when it was dropped: the
   * reader is gone or lags too far.
   */
  write(text: string | Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const bytes = typeof text === "string" ? Buffer.from(text) : text;
      if (this.#closed || this.#pendingBytes + bytes.length > maxPendingBytes) {
        reject(new Error("The reader of the log lags or is gone."));
        return;
      }
      this.#pendingBytes += bytes.length;
      this.#entries.push({ bytes, settle: (error) => (error === undefined ? resolve() : reject(error)) });
      this.#next();
    });
  }

  /** Takes no more; what waits gets `deadlineMs` to be written. May be called twice. */
  async close(deadlineMs: number = usualCloseDeadlineMs): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#entries.length > 0) {
      await new Promise<void>((resolve) => {
        const deadline = setTimeout(resolve, deadlineMs);
        this.#onIdle = () => {
          clearTimeout(deadline);
          resolve();
        };
      });
    }
    clearTimeout(this.#timer);
    for (const { settle } of this.#entries.splice(0)) settle(new Error("The log was closed."));
  }

  #next(): void {
    const [entry] = this.#entries;
    if (entry === undefined) {
      this.#onIdle?.();
      return;
    }
    if (this.#writing) return; // or waiting for the next try
    this.#writing = true;
    const { bytes } = entry;
    const rest = bytes.length - this.#writtenBytes;
    write(this.#fileDescriptor, bytes, this.#writtenBytes, rest, null, (error, count) => {
      if (this.#entries[0] !== entry) return; // closed meanwhile
      if (error?.code === "EAGAIN") {
        this.#timer = setTimeout(() => this.#again(), retryMs).unref();
        return;
      }
      this.#writing = false;
      this.#writtenBytes += count ?? 0;
      if (error !== null || this.#writtenBytes >= bytes.length) this.#done(entry, error ?? undefined);
      this.#next();
    });
  }

  #again(): void {
    this.#writing = false;
    this.#next();
  }

  #done({ bytes, settle }: Entry, error: Error | undefined): void {
    this.#entries.shift();
    this.#pendingBytes -= bytes.length;
    this.#writtenBytes = 0;
    settle(error);
  }
}
