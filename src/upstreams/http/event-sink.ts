import { StringDecoder } from "node:string_decoder";
import { createParser, type EventSourceParser } from "eventsource-parser";
import type { CallContext } from "../../core/call.ts";
import { AppError } from "../../core/errors.ts";
import type { JsonValue } from "../../core/json.ts";
import { parseJson } from "../../core/lossless-json.ts";
import type { EventView, Scope } from "../../expressions/template.ts";
import { LineSplitter } from "./line-splitter.ts";
import type { BodySink } from "./response.ts";
import { EventNotifier, type StreamPlan } from "./stream-plan.ts";

export type EventFormat = "event-stream" | "lines";

/** One event may not be larger than this; the whole stream counts against the upstream's limit. */
const maxEventCharacters = 4_194_304;

const lineFormats = new Set([
  "application/json-lines",
  "application/jsonl",
  "application/jsonlines",
  "application/ndjson",
  "application/stream+json",
  "application/x-json-stream",
  "application/x-jsonlines",
  "application/x-ndjson",
]);

/** Whether a body of this Content-Type comes as events; `undefined` when not. */
export function eventFormat(contentType: string | undefined): EventFormat | undefined {
  const mimeType = contentType?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (mimeType === "text/event-stream") return "event-stream";
  return lineFormats.has(mimeType) ? "lines" : undefined;
}

export interface EventSinkOptions {
  readonly format: EventFormat;
  readonly plan: StreamPlan;
  readonly context: CallContext;
  readonly scope: Scope;
  /** The last data or the list of all; `json` is the text of the former when it is JSON. */
  onEnd(value: JsonValue, json: string | undefined): void;
  onFailure(error: AppError): void;
}

/**
 * Reads a streaming body event by event: each becomes progress, a log message, or data of the result.
 * Data that is JSON is parsed; the `[DONE]` that some backends end with is left out.
 */
export class EventSink implements BodySink {
  readonly #options: EventSinkOptions;
  readonly #decoder = new StringDecoder("utf8");
  readonly #notifier: EventNotifier;
  readonly #parser: Pick<EventSourceParser, "feed">;
  readonly #lines: LineSplitter | undefined;
  #all: JsonValue[] = [];
  #last: JsonValue = null;
  #lastJson: string | undefined;
  #failure: AppError | undefined;

  constructor(options: EventSinkOptions) {
    this.#options = options;
    this.#notifier = new EventNotifier(options.plan, options.context);
    if (options.format === "lines") {
      this.#lines = new LineSplitter(maxEventCharacters, (line) => this.#onEvent("message", "", line));
      this.#parser = this.#lines;
      return;
    }
    this.#parser = createParser({
      maxBufferSize: maxEventCharacters,
      onEvent: ({ event, id, data }) => this.#onEvent(event ?? "message", id ?? "", data),
      onError: ({ type }) => {
        // Unknown fields are skipped, as the standard asks.
        if (type === "max-buffer-size-exceeded") this.#failure = tooLarge();
      },
    });
  }

  write(chunk: Buffer): boolean {
    this.#feed(this.#decoder.write(chunk));
    return true;
  }

  end(): void {
    this.#feed(this.#decoder.end());
    // The last line need not be closed; an event of an event stream must be (HTML standard, 9.2.6).
    this.#lines?.end();
    if (this.#failure !== undefined) this.#options.onFailure(this.#failure);
    else if (this.#options.plan.keepsAll) this.#options.onEnd(this.#all, undefined);
    else this.#options.onEnd(this.#last, this.#lastJson);
  }

  fail(error: AppError): void {
    this.#options.onFailure(this.#failure ?? error);
  }

  #feed(text: string): void {
    if (this.#failure !== undefined || text === "") return;
    this.#parser.feed(text);
    if (this.#lines?.isOverflown === true) this.#failure = tooLarge();
  }

  #onEvent(type: string, id: string, data: string): void {
    if (data === "[DONE]" || this.#failure !== undefined) return;
    const parsed = parseData(data);
    const event: EventView = { type, id, data: parsed.value };
    if (this.#notifier.notify({ ...this.#options.scope, event })) return;
    if (this.#options.plan.keepsAll) this.#all.push(parsed.value);
    else {
      this.#last = parsed.value;
      this.#lastJson = parsed.isJson ? data : undefined;
    }
  }
}

function parseData(data: string): { value: JsonValue; isJson: boolean } {
  try {
    return { value: parseJson(data), isJson: true };
  } catch {
    // Events need not be JSON; their text is the data then.
    return { value: data, isJson: false };
  }
}

function tooLarge(): AppError {
  return new AppError("upstream_failed", `An event of the answer is larger than ${maxEventCharacters} characters.`);
}
