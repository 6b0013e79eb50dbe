import type { Transform } from "node:stream";
import * as zlib from "node:zlib";
import { AppError } from "../../core/errors.ts";

/** More output per byte of input than this is a bomb; ordinary text stays below 30. */
const maxRatio = 100;

/** The ratio is judged only beyond this much output, so that a small repetitive answer passes. */
const ratioCountsFromBytes = 1_048_576;

export interface DecompressorSink {
  /** A piece of the decoded body. */
  onDecoded(chunk: Buffer): void;
  /** The input may go on after `write` returned false. */
  onWritable(): void;
  onDecodedEnd(): void;
  /** At most once, and nothing after it. */
  onDecodeError(error: AppError): void;
}

/**
 * Decodes a body piece by piece as it arrives: gzip, br, deflate (zlib or raw), and zstd where Node has
 * it. Output is handed on in pieces of at most 64 kB, so a bomb is stopped at the sink's cap or at a
 * ratio of 100:1, whichever comes first.
 */
export class Decompressor {
  readonly #coding: string;
  readonly #sink: DecompressorSink;
  #stream: Transform | undefined;
  #bytesIn = 0;
  #bytesOut = 0;
  #isDone = false;

  /** Fails with `AppError("upstream_failed")` when this Node cannot decode the coding. */
  constructor(coding: string, sink: DecompressorSink) {
    this.#coding = coding;
    this.#sink = sink;
    if (!isDecodable(coding)) throw new AppError("upstream_failed", undecodable(coding));
  }

  /** False asks for a pause until `onWritable`. */
  write(chunk: Buffer): boolean {
    if (this.#isDone || chunk.length === 0) return true;
    this.#bytesIn += chunk.length;
    this.#stream ??= this.#open(chunk);
    return this.#stream.write(chunk);
  }

  end(): void {
    if (this.#isDone) return;
    if (this.#stream !== undefined) this.#stream.end();
    // An empty body is no broken stream: answers to HEAD and 304 carry the header without a body.
    else this.#finish(() => this.#sink.onDecodedEnd());
  }

  pause(): void {
    this.#stream?.pause();
  }

  resume(): void {
    this.#stream?.resume();
  }

  /** Stops without a word. */
  destroy(): void {
    this.#isDone = true;
    this.#stream?.destroy();
  }

  #open(firstChunk: Buffer): Transform {
    const stream = createDecoder(this.#coding, firstChunk);
    stream.on("data", (chunk: Buffer) => this.#onData(chunk));
    stream.on("drain", () => {
      if (!this.#isDone) this.#sink.onWritable();
    });
    stream.once("end", () => this.#finish(() => this.#sink.onDecodedEnd()));
    stream.on("error", (cause) => {
      const message = `The answer is not valid ${this.#coding} data, or it ends too early.`;
      this.#finish(() => this.#sink.onDecodeError(new AppError("upstream_failed", message, { cause })));
    });
    return stream;
  }

  #onData(chunk: Buffer): void {
    if (this.#isDone) return;
    this.#bytesOut += chunk.length;
    if (this.#bytesOut > ratioCountsFromBytes && this.#bytesOut > this.#bytesIn * maxRatio) {
      const message = `The answer unpacks to more than ${maxRatio} times its size, which looks like a decompression bomb.`;
      this.#finish(() => this.#sink.onDecodeError(new AppError("upstream_failed", message)));
      this.#stream?.destroy();
      return;
    }
    this.#sink.onDecoded(chunk);
  }

  #finish(tell: () => void): void {
    if (this.#isDone) return;
    this.#isDone = true;
    tell();
  }
}

/**
 * The one coding to undo, in lower case; `undefined` when the body is sent as it is. Several codings on
 * top of each other come back as one text that `Decompressor` refuses: no honest server nests them.
 */
export function contentCoding(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const codings = header
    .toLowerCase()
    .split(",")
    .map((coding) => coding.trim())
    .filter((coding) => coding !== "" && coding !== "identity");
  return codings.length === 0 ? undefined : codings.join(", ");
}

interface ZstdSupport {
  createZstdDecompress(options: { chunkSize: number }): Transform;
}

/** zstd came with Node 22.15, so the types of the oldest Node that we support do not have it. */
function hasZstd(module: object): module is ZstdSupport {
  return "createZstdDecompress" in module && typeof module.createZstdDecompress === "function";
}

function isDecodable(coding: string): boolean {
  return ["gzip", "x-gzip", "br", "deflate"].includes(coding) || (coding === "zstd" && hasZstd(zlib));
}

function undecodable(coding: string): string {
  if (coding === "zstd") return "The answer is packed with zstd, which needs Node 22.15 or newer here.";
  return `The answer is packed with \`${coding}\`, which is not supported.`;
}

function createDecoder(coding: string, firstChunk: Buffer): Transform {
  const options = { chunkSize: 65_536 };
  if (coding === "br") return zlib.createBrotliDecompress(options);
  if (coding === "gzip" || coding === "x-gzip") return zlib.createGunzip(options);
  if (coding === "zstd" && hasZstd(zlib)) return zlib.createZstdDecompress(options);
  // RFC 9110 means zlib by "deflate", yet some servers send raw deflate; the first byte tells them apart.
  const isZlib = ((firstChunk[0] ?? 0) & 0x0f) === 8;
  return isZlib ? zlib.createInflate(options) : zlib.createInflateRaw(options);
}
