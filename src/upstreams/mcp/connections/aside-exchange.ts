import { AppError } from "../../../core/errors.ts";
import type { Expiring } from "../../http/deadlines.ts";
import type { ExchangeReader, HttpTurn } from "../http/mcp-http-client.ts";
import type { ConnectionSettings } from "./connection-settings.ts";

/** How a message got on that has no response. */
export type AsideOutcome =
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "failure"; readonly error: AppError };

/** A message besides the calls, in an exchange of its own: a notification, an answer, the end of a session. */
export class AsideExchange implements ExchangeReader, Expiring {
  readonly deadlineAt: number;
  slot = -1;
  readonly #settings: ConnectionSettings;
  readonly #onDone: (outcome: AsideOutcome) => void;
  readonly #turn: HttpTurn;
  #isDone = false;

  /** @param send begins the exchange */
  constructor(
    settings: ConnectionSettings,
    timeoutMs: number,
    send: (reader: ExchangeReader) => HttpTurn,
    onDone: (outcome: AsideOutcome) => void,
  ) {
    this.#settings = settings;
    this.#onDone = onDone;
    this.deadlineAt = settings.clock.now() + timeoutMs;
    this.#turn = send(this);
    settings.deadlines.add(this);
  }

  /** The status says all. */
  onResponse(status: number): void {
    this.#done({ kind: "status", status });
    this.#turn.release();
  }

  onMessage(): void {
    // Nothing is asked for.
  }

  onEventId(): void {
    // Nothing is asked for.
  }

  onRetry(): void {
    // Nothing is asked for.
  }

  onEvent(): void {
    // Nothing is asked for.
  }

  onEnd(): void {
    this.#done({ kind: "failure", error: new AppError("upstream_failed", "The answer ended before it began.") });
  }

  onFailure(error: AppError): void {
    this.#done({ kind: "failure", error });
  }

  expire(): void {
    const { label } = this.#settings;
    this.#done({ kind: "failure", error: new AppError("timed_out", `${label} did not take a message in time.`) });
    this.#turn.abort();
  }

  /** Nobody waits for the end. */
  abort(): void {
    this.#turn.abort();
    this.#done({ kind: "failure", error: new AppError("cancelled", "The connection was closed.") });
  }

  #done(outcome: AsideOutcome): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#settings.deadlines.delete(this);
    this.#onDone(outcome);
  }
}
