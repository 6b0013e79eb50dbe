import { type Logger, pino } from "pino";
import type { Log, LogFields } from "./core/log.ts";
import { LogSink } from "./log-sink.ts";
import { prettyLines } from "./pretty-lines.ts";

export interface TelemetryOptions {
  readonly level: string;
  /** `pretty` is for people who read along. */
  readonly format: "json" | "pretty";
  /** Lines of the log and the access log go here: a file descriptor. */
  readonly fileDescriptor: number;
}

/** The only place that knows the logging library. */
export interface Telemetry {
  readonly log: Log;
  /** Writes whole access log lines, given as UTF-8. Rejects when they were dropped. */
  writeLines(lines: Buffer): Promise<void>;
  /** Ends when all is written, or within a second when nobody reads. */
  close(): Promise<void>;
}

/** Never in a line, wherever it stands: the sink redacts, callers need not think of it. */
const redacted = ["authorization", "cookie", "apiKey", "secret", "password", "token"];
const redactPaths = redacted.flatMap((name) => [name, `*.${name}`, `headers["${name}"]`, `*.headers["${name}"]`]);

export function openTelemetry({ level, format, fileDescriptor }: TelemetryOptions): Telemetry {
  const sink = new LogSink(fileDescriptor);
  const isPretty = format === "pretty";
  const logger = pino(
    {
      level,
      base: null,
      messageKey: "event",
      timestamp: () => `,"time":${Date.now()}`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactPaths, censor: "[redacted]" },
    },
    // Nobody is left to be told that the log itself cannot be written.
    { write: (line) => void sink.write(isPretty ? prettyLines(line) : line).catch(() => undefined) },
  );
  return {
    log: adapt(logger),
    writeLines: (lines) => sink.write(isPretty ? prettyLines(lines.toString()) : lines),
    close: () => sink.close(),
  };
}

function adapt(logger: Logger): Log {
  const line =
    (level: "debug" | "info" | "warn" | "error") =>
    (event: string, fields: LogFields = {}) => {
      const { error, ...rest } = fields;
      logger[level](error === undefined ? rest : { ...rest, err: error }, event);
    };
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}
