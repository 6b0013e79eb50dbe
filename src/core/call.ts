import type { JsonObject } from "./json.ts";
import type { Principal } from "./principal.ts";

/** What a call sees of the client's request: only headers that the route lists, lower-case names. */
export interface RequestView {
  readonly headers: Readonly<Record<string, string>>;
}

export interface ProgressUpdate {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

export const logLevels = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LogEntry {
  readonly level: LogLevel;
  readonly logger?: string;
  readonly data: unknown;
}

/**
 * One call on its way to an upstream. Made by the data plane per call, used by one upstream, never
 * shared between calls.
 */
export interface CallContext {
  readonly args: JsonObject;
  readonly request: RequestView;
  readonly principal: Principal;
  /** `performance.now()` by which the answer must be there; the upstream enforces it. */
  readonly deadlineAt: number;
  /** Whether the endpoint can take a result piece by piece (see `CallStream`). */
  readonly acceptsStream: boolean;
  /**
   * Set by the upstream while work is under way; the data plane calls it at most once when the
   * client has cancelled. The call then rejects with `AppError("cancelled")`.
   */
  abort: (() => void) | undefined;
  /** Sends progress to the client if it asked for it; otherwise does nothing. Never throws. */
  progress(update: ProgressUpdate): void;
  /** Sends a log message to the client if its level asks for it; otherwise nothing. Never throws. */
  log(entry: LogEntry): void;
}

/** A finished tool call. All texts are JSON, ready to be spliced into the answer. */
export interface CallResult {
  readonly kind: "result";
  /** JSON text of the `content` array. */
  readonly content: string;
  /** JSON text of `structuredContent`. */
  readonly structured?: string;
  readonly isError: boolean;
  /** The content may hold blocks that an older revision does not know (audio, resource links). */
  readonly needsFilter: boolean;
}

/**
 * A large text result that is handed on while it arrives: `head` + escaped pieces + `tail`.
 * The consumer calls `start` once, and `resume` after each `onData` that returned false.
 */
export interface CallStream {
  readonly kind: "stream";
  /** JSON text that opens the result object up to the inside of a string, e.g. `"content":[{"type":"text","text":"`. */
  readonly head: string;
  start(sink: CallStreamSink): void;
  resume(): void;
}

export interface CallStreamSink {
  /** A piece of JSON string content, already escaped. Returns false to ask for a pause. */
  onData(escaped: string): boolean;
  /** `tail` closes what `head` opened, e.g. `"}],"isError":true`. Called exactly once, last. */
  onEnd(tail: string): void;
}

export type CallOutcome = CallResult | CallStream;
