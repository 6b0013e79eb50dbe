import { createWriteStream, type WriteStream } from "node:fs";
import { type Logger, pino } from "pino";
import type { Log, LogFields } from "./core/log.ts";
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
  /** Writes whole access log lines. */
  writeLines(lines: string): Promise<void>;
  close(): Promise<void>;
}

/** Never in a line, wherever it stands: the sink redacts, callers need not think of it. */
const redacted = ["authorization", "cookie", "apiKey", "secret", "password", "token"];
const redactPaths = redacted.flatMap((name) => [name, `*.${name}`, `headers["${name}"]`, `*.headers["${name}"]`]);

export function openTelemetry({ level, format, fileDescriptor }: TelemetryOptions): Telemetry {
  const stream = createWriteStream("", { fd: fileDescriptor, autoClose: false });
  // A closed pipe (a pager that quit) must not take the gateway down.
  stream.on("error", () => stream.removeAllListeners("drain"));
  const shown = format === "pretty" ? prettyLines : (lines: string): string => lines;
  const logger = pino(
    {
      level,
      base: null,
      messageKey: "event",
      timestamp: () => `,"time":${Date.now()}`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactPaths, censor: "[redacted]" },
    },
    { write: (line) => void stream.write(shown(line)) },
  );
  return {
    log: adapt(logger),
    writeLines: (lines) => write(stream, shown(lines)),
    close: () => write(stream, ""),
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

function write(stream: WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
