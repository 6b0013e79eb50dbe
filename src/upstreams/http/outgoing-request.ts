import type { HttpRequestConfig } from "../../core/config/request-schema.ts";

/** A request with every value filled in. Headers are a flat list of lower-case names and values. */
export interface OutgoingRequest {
  readonly method: HttpRequestConfig["method"];
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path and query as they go on the wire. */
  readonly path: string;
  readonly headers: readonly string[];
  /** Whether a token of the upstream's `oauth` goes with it. */
  readonly takesToken: boolean;
  readonly body: Buffer | string | undefined;
  /** Whether it may be sent again after it may have been received. */
  readonly isIdempotent: boolean;
}
