import type { Dispatcher } from "undici";
import type { CallContext } from "../../core/call.ts";
import type { Carried } from "../socket/connection.ts";
import type { Admission } from "./admission.ts";
import type { CircuitBreaker } from "./circuit-breaker.ts";
import type { Deadlines } from "./deadlines.ts";
import type { FailureWords } from "./failure.ts";
import type { LineTokens } from "./oauth/line-tokens.ts";
import type { RetryConfig } from "./retry-policy.ts";

/** Counters of one upstream since it was opened; they only grow. */
export interface UpstreamCounters {
  calls: number;
  /** Requests sent or tried, repetitions and redirects included. */
  attempts: number;
  retries: number;
  /** Calls that ended without an answer or with a 5xx. */
  failures: number;
  timeouts: number;
  /** Calls that the breaker or the full queue turned away. */
  refusals: number;
  cancellations: number;
}

/** Dispatch options of one attempt of a call. */
export interface CallOptions {
  readonly method: Dispatcher.HttpMethod;
  readonly path: string;
  readonly headers: string[];
  readonly body: Buffer | string | null;
  readonly carried: Carried & { readonly context: CallContext };
}

export interface CallDispatcher {
  dispatch(options: CallOptions, handler: Dispatcher.DispatchHandler): boolean;
}

/** The sockets of one upstream by origin. */
export interface LinePools {
  get(origin: string): CallDispatcher;
  close(deadlineMs: number): Promise<void>;
}

/** What all exchanges of one upstream share. */
export interface UpstreamLine extends FailureWords {
  readonly maxConcurrency: number;
  readonly maxResponseBytes: number;
  readonly maxRedirects: number;
  readonly retry: RetryConfig;
  readonly admission: Admission;
  readonly breaker: CircuitBreaker;
  readonly deadlines: Deadlines;
  readonly pools: LinePools;
  /** Undefined without `oauth`. */
  readonly tokens: LineTokens | undefined;
  readonly counters: UpstreamCounters;
  readonly now: () => number;
  readonly random: () => number;
}
