import type { AnsweredRequest } from "./app.ts";

/** Writes one JSON line per request. Holds nothing that a client chose but who it is. */
export class AccessLines {
  readonly #write: (lines: Buffer) => Promise<void>;
  readonly #level: "all" | "errors" | "off";
  readonly #now: () => number;
  #lines: string[] = [];
  #writing: Promise<void> | undefined;
  /** Lines that could not be written. */
  dropped = 0;

  /** @param write takes whole lines as UTF-8; rejects when they were dropped */
  constructor(options: {
    readonly write: (lines: Buffer) => Promise<void>;
    readonly level: "all" | "errors" | "off";
    readonly now: () => number;
  }) {
    this.#write = options.write;
    this.#level = options.level;
    this.#now = options.now;
  }

  add({ operation, method, status, durationMs, ip, caller, requestId }: AnsweredRequest): void {
    if (this.#level === "off" || (this.#level === "errors" && status < 400)) return;
    if (this.#lines.length >= maxPendingLines) {
      this.dropped++;
      return;
    }
    const ms = Math.round(durationMs * 10) / 10;
    const knownMethod = knownMethods.has(method) ? method : "unknown";
    this.#lines.push(
      `${JSON.stringify({ time: this.#now(), request: requestId, operation: operation ?? "none", method: knownMethod, status, ms, ip, caller })}\n`,
    );
    this.#writing ??= this.#drain();
  }

  /** Resolves when everything is handed on. */
  async close(): Promise<void> {
    await this.#writing;
  }

  async #drain(): Promise<void> {
    while (this.#lines.length > 0) {
      const lines = this.#lines;
      this.#lines = [];
      try {
        await this.#write(Buffer.from(lines.join("")));
      } catch {
        this.dropped += lines.length; // the log itself cannot be told
      }
    }
    this.#writing = undefined;
  }
}

const maxPendingLines = 10_000;
const knownMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
