import { AppError } from "../../core/errors.ts";
import { contentCoding, Decompressor, type DecompressorSink } from "./decompressor.ts";
import type { BodySink, Flow, ResponseHead, ResponseReceiver } from "./response.ts";
import { header } from "./response-headers.ts";

/** Beyond this much a collected body is offered to a sink, so that it need not be held as a whole. */
const largeBytes = 262_144;

/** The side that brings the bytes. */
export interface IntakeSource {
  pause(): void;
  resume(): void;
}

export interface IntakeOwner {
  readonly maxResponseBytes: number;
  /** Ends the sentence "The answer is larger than … bytes". */
  readonly sizeRule: string;
  /** The body is complete and decoded. */
  intakeCompleted(): void;
  /** The body cannot be taken: too large, or not decodable. Nothing follows. */
  intakeFailed(error: AppError): void;
}

/**
 * Takes one answer's body: counts it before and after decompression, decodes it, and hands it to the
 * receiver, collected or piece by piece with back-pressure down to the socket.
 */
export class ResponseIntake implements DecompressorSink, Flow {
  readonly head: ResponseHead;
  readonly #source: IntakeSource;
  readonly #receiver: ResponseReceiver;
  readonly #owner: IntakeOwner;
  readonly #decompressor: Decompressor | undefined;
  #sink: BodySink | undefined;
  #chunks: Buffer[] = [];
  #receivedBytes = 0;
  #bodyBytes = 0;
  #wasOffered = false;
  #isOver = false;

  /** Fails with `AppError("upstream_failed")` when the body has a coding that cannot be undone. */
  constructor(head: ResponseHead, source: IntakeSource, receiver: ResponseReceiver, owner: IntakeOwner) {
    this.head = head;
    this.#source = source;
    this.#receiver = receiver;
    this.#owner = owner;
    const coding = contentCoding(header(head.headers, "content-encoding"));
    this.#decompressor = coding === undefined ? undefined : new Decompressor(coding, this);
    this.#sink = receiver.onHead(head, this);
  }

  /** Whether somebody already has a part of the body, so that the exchange cannot be repeated. */
  get isHandedOn(): boolean {
    return this.#sink !== undefined;
  }

  take(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#receivedBytes += chunk.length;
    if (this.#receivedBytes > this.#owner.maxResponseBytes) this.#tooLarge();
    else if (this.#decompressor === undefined) this.onDecoded(chunk);
    else if (!this.#decompressor.write(chunk)) this.#source.pause();
  }

  /** The source has no more. */
  end(): void {
    if (this.#isOver) return;
    if (this.#decompressor === undefined) this.onDecodedEnd();
    else this.#decompressor.end();
  }

  /** Gives the answer to the receiver. After `intakeCompleted`. */
  deliver(): void {
    const [first] = this.#chunks;
    if (this.#sink !== undefined) this.#sink.end();
    else {
      // Most answers arrive in one piece.
      const body = first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
      this.#receiver.onComplete(this.head, body);
    }
  }

  /** The end without a whole body: tells whoever has a part of it. False when nobody has. */
  abandon(error: AppError): boolean {
    this.#isOver = true;
    this.#decompressor?.destroy();
    if (this.#sink === undefined) return false;
    this.#sink.fail(error);
    return true;
  }

  resume(): void {
    if (this.#isOver) return;
    if (this.#decompressor === undefined) this.#source.resume();
    else this.#decompressor.resume();
  }

  onDecoded(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#bodyBytes += chunk.length;
    if (this.#bodyBytes > this.#owner.maxResponseBytes) {
      this.#tooLarge();
      return;
    }
    if (this.#sink !== undefined) {
      if (!this.#sink.write(chunk)) this.#pause();
      return;
    }
    this.#chunks.push(chunk);
    if (this.#bodyBytes > largeBytes && !this.#wasOffered) this.#offer();
  }

  onWritable(): void {
    this.#source.resume();
  }

  onDecodedEnd(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#owner.intakeCompleted();
  }

  onDecodeError(error: AppError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#owner.intakeFailed(error);
  }

  #offer(): void {
    this.#wasOffered = true;
    const sink = this.#receiver.onLarge(this.head, this);
    if (sink === undefined) return;
    this.#sink = sink;
    let takesMore = true;
    for (const chunk of this.#chunks) takesMore = sink.write(chunk);
    this.#chunks = [];
    if (!takesMore) this.#pause();
  }

  #pause(): void {
    if (this.#decompressor === undefined) this.#source.pause();
    else this.#decompressor.pause();
  }

  #tooLarge(): void {
    this.#isOver = true;
    const { maxResponseBytes, sizeRule } = this.#owner;
    const message = `The answer is larger than ${maxResponseBytes} bytes, the limit of ${sizeRule}.`;
    this.#owner.intakeFailed(new AppError("upstream_failed", message));
  }
}
