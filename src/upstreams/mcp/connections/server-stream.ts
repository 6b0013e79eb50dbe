import type { AppError } from "../../../core/errors.ts";
import type { Expiring } from "../../http/deadlines.ts";
import type { ExchangeReader, HttpTurn } from "../http/mcp-http-client.ts";
import { asideTimeoutMs, type ConnectionSettings } from "./connection-settings.ts";
import { resumableId } from "./event-id.ts";
import { waitBeforeReopening } from "./reopening.ts";

export interface ServerStreamOptions {
  readonly settings: ConnectionSettings;
  /** @param lastEventId undefined when nothing is to be read again */
  readonly open: (lastEventId: string | undefined, reader: ExchangeReader) => HttpTurn;
  readonly onMessage: (text: string) => void;
  /** The server no longer knows the session. */
  readonly onSessionLost: () => void;
  /** The stream was opened again, and what was sent meanwhile is lost. */
  readonly onGap: () => void;
}

/** A stream that was open for this long has worked, although nothing came on it. */
const calmMs = 30_000;

/**
 * The stream of a legacy session that belongs to no request (GET). It is opened again for as long as
 * the session lasts, unless the server has none.
 */
export class ServerStream implements ExchangeReader, Expiring {
  /** Resolves when the server has opened it, or when it is clear that it will not for now. */
  readonly decided: Promise<void>;
  /** Until when it is waited for: some servers say nothing before they have something to tell. */
  readonly deadlineAt: number;
  slot = -1;
  readonly #options: ServerStreamOptions;
  #turn: HttpTurn | undefined;
  #cancelWait: (() => void) | undefined;
  #status = 0;
  #lastEventId = "";
  #retryMs: number | undefined;
  #failures = 0;
  /** Since when it is open, or was open last; undefined before it was for the first time. */
  #openedAt: number | undefined;
  #isClosed = false;
  #resolve: () => void = () => undefined;

  constructor(options: ServerStreamOptions) {
    this.#options = options;
    this.decided = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    const { clock, deadlines } = options.settings;
    this.deadlineAt = clock.now() + asideTimeoutMs;
    deadlines.add(this);
    this.#open();
  }

  /** May be called twice. */
  close(): void {
    this.#isClosed = true;
    this.#cancelWait?.();
    this.#turn?.abort();
    this.#turn = undefined;
    this.#decide();
  }

  onResponse(status: number): void {
    this.#status = status;
    this.#decide();
    if (status >= 300) return;
    if (this.#openedAt !== undefined && this.#lastEventId === "") this.#options.onGap();
    this.#openedAt = this.#options.settings.clock.now();
  }

  onMessage(text: string): void {
    // With a status of failure it only says what the status says.
    if (this.#status >= 300) return;
    this.#failures = 0;
    this.#options.onMessage(text);
  }

  onEventId(id: string): void {
    this.#failures = 0;
    this.#lastEventId = resumableId(id);
  }

  onRetry(delayMs: number): void {
    this.#retryMs = delayMs;
  }

  onEvent(): void {
    // No other types of events are known on this stream.
  }

  onEnd(): void {
    this.#turn = undefined;
    const isTransient = this.#status < 300 || this.#status === 429 || this.#status >= 500;
    if (isTransient) this.#reopenLater();
    // Before it was ever open, 404 is what servers without such a stream answer, besides 405.
    else if (this.#status === 404 && this.#openedAt !== undefined) this.#options.onSessionLost();
  }

  onFailure(_error: AppError): void {
    this.#turn = undefined;
    this.#decide();
    this.#reopenLater();
  }

  /** It may still come; nobody waits for it any more. */
  expire(): void {
    this.#decide();
  }

  #decide(): void {
    this.#options.settings.deadlines.delete(this);
    this.#resolve();
  }

  #open(): void {
    this.#status = 0;
    this.#turn = this.#options.open(this.#lastEventId === "" ? undefined : this.#lastEventId, this);
  }

  #reopenLater(): void {
    if (this.#isClosed) return;
    const { clock } = this.#options.settings;
    // A stream that is cut off now and then, as proxies do with quiet ones, is no failing one.
    if (this.#status < 300 && clock.now() - (this.#openedAt ?? Number.POSITIVE_INFINITY) >= calmMs) this.#failures = 0;
    const waitMs = Math.max(this.#retryMs ?? 0, waitBeforeReopening(this.#failures++, clock.random()));
    this.#cancelWait = clock.after(waitMs, () => this.#open());
  }
}
