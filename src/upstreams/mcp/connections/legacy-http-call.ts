import { AppError } from "../../../core/errors.ts";
import type { ServerError } from "../../../protocol/server-message.ts";
import type { HttpTurn } from "../http/mcp-http-client.ts";
import type { Clock } from "../lifecycle/clock.ts";
import { resumableId } from "./event-id.ts";
import { HttpCall, type HttpCallLine, type HttpCallOptions } from "./http-call.ts";
import { ProtocolRefusal } from "./protocol-refusal.ts";
import { waitBeforeReopening } from "./reopening.ts";

export interface LegacyHttpLine extends HttpCallLine {
  readonly clock: Clock;
  /** Whether requests carry a session id. */
  readonly hasSession: boolean;
  /** Reads on where a stream broke off (2025-03-26, transports, resumability). */
  resume(lastEventId: string, call: LegacyHttpCall): HttpTurn;
}

/** Without a word of the server on how long to wait before coming back. */
const defaultRetryMs = 1_000;
/** A server that asks to come back at once is not asked in a busy loop. */
const leastRetryMs = 20;
/** The same when coming back has brought nothing new. */
const leastVainRetryMs = 250;
/** Attempts in a row that did not get through. */
const mostFailures = 8;

/**
 * A call of the legacy era. When its stream ends before the response, and events on it had ids, it is
 * read on by GET, until the call's deadline: servers may end streams on purpose (SEP-1699).
 */
export class LegacyHttpCall extends HttpCall {
  readonly #line: LegacyHttpLine;
  #lastEventId = "";
  #retryMs = defaultRetryMs;
  #isResumed = false;
  /** An event has come since it was read on. */
  #hasMoved = true;
  #failures = 0;
  #cancelWait: (() => void) | undefined;

  constructor(line: LegacyHttpLine, options: HttpCallOptions) {
    super(line, options);
    this.#line = line;
  }

  override onEventId(id: string): void {
    this.#lastEventId = resumableId(id);
    this.#failures = 0;
    this.#hasMoved = true;
  }

  override onRetry(delayMs: number): void {
    this.#retryMs = Math.max(delayMs, leastRetryMs);
  }

  override fail(error: AppError): void {
    this.#cancelWait?.();
    super.fail(error);
  }

  protected override refused(error: ServerError): void {
    // Servers that know a session no more say 404; many that were restarted say 400 to any unknown one,
    // with the general code of the transport and without looking at the request.
    const isAboutSession = this.status === 404 || (this.status === 400 && isTransportError(error));
    if (isAboutSession && this.#line.hasSession) this.#sessionLost();
    else super.refused(error);
  }

  protected override endedEarly(): void {
    if (this.status === 404 && this.#line.hasSession) this.#sessionLost();
    else if (this.#lastEventId === "" || this.#isRefused()) super.endedEarly();
    else this.#resumeLater(this.status >= 300);
  }

  protected override broke(error: AppError): void {
    if (this.#lastEventId === "" || this.#failures >= mostFailures) super.broke(error);
    else this.#resumeLater(true);
  }

  /** Whether coming back once more is pointless. */
  #isRefused(): boolean {
    if (this.status < 300) return false;
    return this.#failures >= mostFailures || (this.status < 500 && this.status !== 429);
  }

  #resumeLater(hasFailed: boolean): void {
    const { clock } = this.#line;
    const backoffMs = hasFailed ? waitBeforeReopening(this.#failures++, clock.random()) : 0;
    const leastMs = this.#hasMoved ? 0 : leastVainRetryMs;
    this.#cancelWait = clock.after(Math.max(this.#retryMs, backoffMs, leastMs), () => {
      this.#isResumed = true;
      this.#hasMoved = false;
      this.carriedBy(this.#line.resume(this.#lastEventId, this));
    });
  }

  #sessionLost(): void {
    const { label } = this.#line;
    if (this.#isResumed) {
      this.fail(new AppError("upstream_failed", `${label} ended the session in the middle of the call.`));
      return;
    }
    this.fail(new AppError("session_not_found", `${label} no longer knows the session.`));
  }
}

function isTransportError({ id, code }: ServerError): boolean {
  return id === undefined && code === -32_000;
}

/** The call that opens the session. */
export class InitializeCall extends LegacyHttpCall {
  /** As the server named it; undefined when it keeps none. */
  sessionId: string | undefined;

  override onResponse(status: number, header: (name: string) => string | undefined): void {
    super.onResponse(status, header);
    this.sessionId = header("mcp-session-id");
  }

  /** Any error means that this is not the way to speak to it; the status may say which other one is. */
  protected override refused(error: ServerError): void {
    if (this.status === 401 || this.status === 403) super.refused(error);
    else {
      const said = error.message.slice(0, 200);
      this.fail(
        new ProtocolRefusal(`${this.line.label} refused \`initialize\`: ${said} (${error.code}).`, this.status),
      );
    }
  }
}
