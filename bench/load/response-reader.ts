/** What becomes of the responses on one connection. Pieces are only valid during the call. */
export interface ResponseSink {
  onHead(status: number, head: string): void;
  onBody(piece: Buffer): void;
  onEnd(): void;
}

const headEnd = Buffer.from("\r\n\r\n");
const lineEnd = Buffer.from("\r\n");

/**
 * Reads HTTP/1.1 responses that follow each other on one connection, framed by `content-length` or
 * chunked (RFC 9112, sections 6 and 7). Knows only what servers under test send: no trailers, no
 * bodies that end with the connection. Made for little work per response, so that the load does not
 * become the bottleneck.
 */
export class ResponseReader {
  readonly #sink: ResponseSink;
  /** Bytes of a head or a chunk-size line whose end has not arrived. */
  #partial: Buffer | undefined;
  #state: "head" | "fixed" | "size" | "chunk" | "chunk-end" = "head";
  /** Bytes to come of the body or the chunk. */
  #remaining = 0;
  #isLastChunk = false;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  /** Takes bytes as they arrived. Throws for bytes that are no response. */
  push(piece: Buffer): void {
    let bytes = piece;
    if (this.#partial !== undefined) {
      bytes = Buffer.concat([this.#partial, piece]);
      this.#partial = undefined;
    }
    let at = 0;
    while (at < bytes.length) {
      const next = this.#step(bytes, at);
      if (next < 0) {
        // The piece belongs to a buffer that is used again: keep a copy.
        this.#partial = Buffer.from(bytes.subarray(at));
        return;
      }
      at = next;
    }
  }

  /** Reads one element from `at`; returns where the next begins, or -1 when it has not fully arrived. */
  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case "head":
        return this.#readHead(bytes, at);
      case "fixed":
      case "chunk":
        return this.#readBody(bytes, at);
      case "size":
        return this.#readChunkSize(bytes, at);
      case "chunk-end":
        return this.#readChunkEnd(bytes, at);
    }
  }

  #readHead(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(headEnd, at);
    if (end < 0) return -1;
    const head = bytes.toString("latin1", at, end + 2);
    const status = Number(head.slice(9, 12));
    if (!head.startsWith("HTTP/1.1 ") || Number.isNaN(status)) throw new Error(`Not a response: ${head.slice(0, 80)}`);
    this.#sink.onHead(status, head);
    const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1];
    if (length !== undefined) {
      this.#remaining = Number(length);
      this.#state = "fixed";
    } else if (/\r\ntransfer-encoding: *chunked\r\n/i.test(head)) {
      this.#state = "size";
    } else {
      this.#remaining = 0;
      this.#state = "fixed";
    }
    if (this.#state === "fixed" && this.#remaining === 0) this.#finish();
    return end + headEnd.length;
  }

  #readBody(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#remaining);
    this.#sink.onBody(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    this.#remaining -= end - at;
    if (this.#remaining === 0) {
      if (this.#state === "chunk") this.#state = "chunk-end";
      else this.#finish();
    }
    return end;
  }

  #readChunkSize(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(lineEnd, at);
    if (end < 0) return -1;
    this.#remaining = Number.parseInt(bytes.toString("latin1", at, end), 16);
    if (Number.isNaN(this.#remaining)) throw new Error("A chunk has no size.");
    this.#isLastChunk = this.#remaining === 0;
    this.#state = this.#isLastChunk ? "chunk-end" : "chunk";
    return end + lineEnd.length;
  }

  #readChunkEnd(bytes: Buffer, at: number): number {
    if (bytes.length - at < lineEnd.length) return -1;
    if (this.#isLastChunk) this.#finish();
    else this.#state = "size";
    return at + lineEnd.length;
  }

  #finish(): void {
    this.#state = "head";
    this.#isLastChunk = false;
    this.#sink.onEnd();
  }
}
