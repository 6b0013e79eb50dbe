import type { JsonObject } from "../../../core/json.ts";
import type { ServerError, ServerResult } from "../../../protocol/server-message.ts";
import type { ExchangeReader, HttpTurn } from "../http/mcp-http-client.ts";
import type { McpRequest } from "../mcp-request.ts";
import { acknowledged, type ListenCarrier, type ListenEvents, type ListenStream } from "./listening.ts";
import { type MessageTaker, takeMessage } from "./message-intake.ts";

/** Sends a request whose answer is a stream that stays open. */
export type SendListen = (request: McpRequest, reader: ExchangeReader) => HttpTurn;

/** `subscriptions/listen` streams over HTTP: each is an exchange of its own. */
export class HttpListens implements ListenCarrier {
  readonly openAmongCalls = 0;
  readonly #send: SendListen;

  constructor(send: SendListen) {
    this.#send = send;
  }

  open(request: McpRequest, events: ListenEvents): ListenStream {
    const reader = new ListenReader(events);
    const turn = this.#send(request, reader);
    reader.turn = turn;
    return {
      close: () => {
        reader.isOver = true;
        turn.abort();
      },
    };
  }

  /** They come on streams of their own. */
  take(): boolean {
    return false;
  }
}

class ListenReader implements ExchangeReader, MessageTaker {
  isOver = false;
  /** Set before anything is heard. */
  turn: HttpTurn | undefined;
  readonly #events: ListenEvents;
  #status = 0;

  constructor(events: ListenEvents) {
    this.#events = events;
  }

  onResponse(status: number): void {
    this.#status = status;
  }

  onMessage(text: string): void {
    takeMessage(text, this);
  }

  onEventId(): void {
    // Streams of this era are not resumed.
  }

  onRetry(): void {
    // The same.
  }

  onEvent(): void {
    // No other types of events are known on this stream.
  }

  onEnd(): void {
    this.#end(this.#status >= 300 && this.#status < 500 && this.#status !== 429);
  }

  onFailure(): void {
    this.#end(false);
  }

  /** A result ends the stream politely. */
  takeResponse(response: ServerResult | ServerError): void {
    this.#end(response.kind === "error" && this.#status < 500);
  }

  takeRequest(): void {
    // There are no requests of servers in this era.
  }

  takeNotification(method: string, params: JsonObject): void {
    if (this.isOver) return;
    if (method === acknowledged) this.#events.acknowledged();
    else this.#events.notified(method, params);
  }

  takeInvalid(): void {
    // What comes next may be a message again.
  }

  #end(isRefused: boolean): void {
    if (this.isOver) return;
    this.isOver = true;
    // A server that has said its last need not have closed the stream.
    this.turn?.abort();
    this.#events.ended(isRefused);
  }
}
