import type { AppError } from "../../core/errors.ts";
import type { ResponseHeaders } from "./response-headers.ts";

/** What is known of an answer before its body. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** Scheme, host and port that answered, after redirects. */
  readonly origin: string;
  /** Path and query that were asked for, after redirects. */
  readonly path: string;
}

/** Takes a decoded body piece by piece. */
export interface BodySink {
  /** Returns false to ask for a pause; `Flow.resume` goes on. */
  write(chunk: Buffer): boolean;
  /** The body is complete. Exactly one of `end` and `fail` is called, last. */
  end(): void;
  fail(error: AppError): void;
}

export interface Flow {
  /** Goes on after `write` returned false. */
  resume(): void;
}

/** Who gets the answer of an exchange. Nothing is called after `onComplete` or `onFailure`. */
export interface ResponseReceiver {
  /** A sink takes the body while it arrives, and the exchange is never repeated; without one it is collected. */
  onHead(head: ResponseHead, flow: Flow): BodySink | undefined;
  /** More than 256 kB were collected: a sink takes over, and first gets what is there. Called at most once. */
  onLarge(head: ResponseHead, flow: Flow): BodySink | undefined;
  /** The whole body, when no sink took it. */
  onComplete(head: ResponseHead, body: Buffer): void;
  /** No answer, when no sink took the body. `AppError("cancelled")` when the caller gave up. */
  onFailure(error: AppError): void;
}
