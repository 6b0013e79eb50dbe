import { isKnownMethod } from "../protocol/methods.ts";
import type { Exchange, Outcome } from "./exchange.ts";
import { LineBuffer } from "./line-buffer.ts";

/** Each flush wakes a thread of the pool, which costs as much as ten lines. */
const flushBytes = 65_536;
const flushMs = 250;
/** More unwritten text than this is dropped, and counted: a slow disk never slows calls down. */
const maxPendingBytes = 4_194_304;
const lineFeed = 0x0a;

export interface AccessLogOptions {
  /** Takes whole lines as UTF-8; resolves when they are written. The bytes are the log's again when that has settled. */
  readonly write: (lines: Buffer) => Promise<void>;
  readonly level: "all" | "errors" | "off";
  /** Share of lines that are written, 0 to 1; failures are always written. */
  readonly sampleRate: number;
  readonly random: () => number;
}

/** One JSON line per answered message or refused request, buffered. Holds nothing a client chose but ids. */
export class AccessLog {
  readonly #options: AccessLogOptions;
  readonly #lines = new LineBuffer(flushBytes);
  #writing = false;
  #timer: NodeJS.Timeout | undefined;
  /** Lines that were dropped because the log could not keep up. */
  dropped = 0;

  constructor(options: AccessLogOptions) {
    this.#options = options;
  }

  /** Notes an answered message. */
  exchange(exchange: Exchange, outcome: Outcome, now: number): void {
    const { level, sampleRate, random } = this.#options;
    if (level === "off" || (level === "errors" && outcome === "ok")) return;
    if (sampleRate < 1 && outcome === "ok" && random() >= sampleRate) return;
    const tool = exchange.tool === undefined ? "" : `,"tool":"${exchange.tool.name}"`;
    // Whole microseconds: writing a fraction costs more than the rest of the line.
    const microseconds = Math.round((now - exchange.startedAt) * 1000);
    this.#append(
      `{"time":${Date.now()},"request":"${exchange.requestId}","server":"${exchange.server.key}","method":"${methodOf(exchange)}"${tool},"principal":${principalOf(exchange)},"outcome":"${outcome}","us":${microseconds}}\n`,
    );
  }

  /** Notes a request that was refused before it became a message. */
  refusal(requestId: string, status: number, code: string): void {
    if (this.#options.level === "off") return;
    this.#append(
      `{"time":${Date.now()},"request":"${requestId}","outcome":"refused","status":${status},"code":"${code}"}\n`,
    );
  }

  #append(line: string): void {
    const lines = this.#lines;
    if (lines.length > maxPendingBytes) {
      this.dropped++;
      return;
    }
    lines.append(line);
    if (lines.length >= flushBytes) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), flushMs).unref();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing || this.#lines.length === 0) return;
    this.#writing = true;
    this.#write();
  }

  #written(lines: Buffer): void {
    this.#lines.giveBack(lines);
    this.#writing = false;
    if (this.#lines.length >= flushBytes) this.#flush();
    else if (this.#lines.length > 0) this.#timer ??= setTimeout(() => this.#flush(), flushMs).unref();
  }

  /** Hands on what is left; the log waits for its reader when it closes. */
  close(): void {
    clearTimeout(this.#timer);
    if (this.#lines.length > 0) this.#write();
  }

  #write(): void {
    const lines = this.#lines.take();
    this.#options.write(lines).then(
      () => this.#written(lines),
      () => {
        this.dropped += countLines(lines);
        this.#written(lines);
      },
    );
  }
}

function countLines(lines: Buffer): number {
  let count = 0;
  for (const byte of lines) if (byte === lineFeed) count++;
  return count;
}

/** The method, or `unknown`: a client's text never reaches the log. */
function methodOf({ message }: Exchange): string {
  return isKnownMethod(message.method) ? message.method : "unknown";
}

/** The principal's name as JSON text. */
function principalOf({ principal }: Exchange): string {
  return principal.kind === "anonymous" ? "null" : JSON.stringify(principal.name);
}
