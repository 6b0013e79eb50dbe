import { AppError } from "../../../core/errors.ts";
import type { Clock } from "./clock.ts";
import type { ConnectionListener, McpConnection, OpenConnection } from "../connection.ts";

export interface OpenWithin {
  readonly open: OpenConnection;
  readonly listener: ConnectionListener;
  /** Aborted from outside to give up, and from here when the time is over. Its reason is an `AppError`. */
  readonly attempt: AbortController;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** For messages: "The upstream `files`". */
  readonly label: string;
  /** The document's key for messages: "upstreams.files". */
  readonly key: string;
}

export interface Opening {
  /** Rejects with `AppError`, in time whatever the opener does. */
  readonly connection: Promise<McpConnection>;
  /** Resolves when nothing is left of an attempt that was given up; a connection that came too late is closed. */
  readonly leftover: Promise<void>;
}

/** Opens a connection and gives up in time. */
export function openWithin({ open, listener, attempt, timeoutMs, clock, label, key }: OpenWithin): Opening {
  const { signal } = attempt;
  const cancelTimer = clock.after(timeoutMs, () => {
    attempt.abort(
      new AppError("timed_out", `${label} did not answer within ${timeoutMs} ms (\`${key}.startTimeoutMs\`).`),
    );
  });
  const opened = open(listener, signal);
  const leftover = opened.then(
    (connection) => (signal.aborted ? connection.close() : undefined),
    // Told below.
    () => undefined,
  );
  const connection = new Promise<McpConnection>((resolve, reject) => {
    const giveUp = (): void => reject(asAppError(signal.reason, label));
    signal.addEventListener("abort", giveUp, { once: true });
    opened
      .then(resolve, (error: unknown) => reject(asAppError(error, label)))
      .finally(() => {
        cancelTimer();
        signal.removeEventListener("abort", giveUp);
      });
  });
  return { connection, leftover };
}

/** What other code throws is a fault of ours: its text is for the log only. */
export function asAppError(error: unknown, label: string): AppError {
  if (error instanceof AppError) return error;
  return new AppError("upstream_failed", `${label} could not be used.`, { cause: error });
}
