/** Fields of a log line; values are JSON. Secrets are redacted where lines are written, not here. */
export type LogFields = Readonly<Record<string, unknown>>;

/** The operational log: few lines, about the process, never about single requests. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

const ignore = (): void => undefined;

/** A log that nobody reads. */
export const silentLog: Log = Object.freeze({ debug: ignore, info: ignore, warn: ignore, error: ignore });
