import type { Dispatcher } from "undici";
import type { CallContext } from "../../core/call.ts";
import { AppError } from "../../core/errors.ts";
import type { Carried, Connection } from "../socket/connection.ts";
import type { Waiting } from "./admission.ts";
import type { Expiring } from "./deadlines.ts";
import { describeFailure } from "./failure.ts";
import type { OutgoingRequest } from "./outgoing-request.ts";
import { mayRepeatRefused, type TokenWaiter } from "./oauth/line-tokens.ts";
import { isRedirect, redirected } from "./redirect.ts";
import type { ResponseHead, ResponseReceiver } from "./response.ts";
import { header, type ResponseHeaders } from "./response-headers.ts";
import { type IntakeOwner, ResponseIntake } from "./response-intake.ts";
import { backoffMs, isTransientStatus, retryAfterMs } from "./retry-policy.ts";
import type { CallOptions, UpstreamLine } from "./upstream-line.ts";

/** An answer that is not used is read up to here to keep its socket; beyond it the socket is closed. */
const mostDiscardedBytes = 65_536;

/** `authorizing` while it waits for a token, without a slot; `running` while an attempt is under way, `resting` between attempts. */
type Phase = "idle" | "authorizing" | "waiting" | "running" | "resting" | "done";

/**
 * One request on its way to an upstream: waiting for a slot, attempts, redirects, and the end by answer,
 * failure, deadline or cancellation. It is its own undici handler and allocates little: this is the hot
 * path of every call. Exactly one of the receiver's (or its sink's) last methods is called.
 */
export class HttpExchange implements Dispatcher.DispatchHandler, Waiting, Expiring, Carried, IntakeOwner, TokenWaiter {
  readonly context: CallContext;
  readonly deadlineAt: number;
  /** Of the deadlines. */
  slot = -1;
  readonly #line: UpstreamLine;
  readonly #receiver: ResponseReceiver;
  #request: OutgoingRequest;
  #phase: Phase = "idle";
  #retries = 0;
  #redirects = 0;
  /** Whether the API has refused a token of this call. */
  #wasRefused = false;
  #restTimer: NodeJS.Timeout | undefined;

  // Of the attempt under way.
  #token: string | undefined;
  #connection: Connection | undefined;
  #wasSent = false;
  /** From the first byte of the request to the last one of the answer. */
  #isOnWire = false;
  #intake: ResponseIntake | undefined;
  #status = 0;
  /** What follows when the rest of an answer that is not used has been read. */
  #afterDiscard: (() => void) | undefined;
  #discardedBytes = 0;

  constructor(line: UpstreamLine, request: OutgoingRequest, context: CallContext, receiver: ResponseReceiver) {
    this.#line = line;
    this.#request = request;
    this.context = context;
    this.#receiver = receiver;
    this.deadlineAt = context.deadlineAt;
  }

  get maxResponseBytes(): number {
    return this.#line.maxResponseBytes;
  }

  get sizeRule(): string {
    return `\`${this.#line.key}.maxResponseBytes\``;
  }

  start(): void {
    this.context.abort = () => this.#cancel();
    this.#line.deadlines.add(this);
    this.#line.counters.calls++;
    if (this.#request.takesToken && this.#line.tokens?.isReady() === false) this.#awaitToken();
    else this.#enter();
  }

  /** @param refused the token that the API did not take */
  #awaitToken(refused?: string): void {
    this.#phase = "authorizing";
    this.#line.tokens?.wait(this, refused);
  }

  tokenCame(): void {
    if (this.#phase === "authorizing") this.#enter();
  }

  tokenFailed(error: AppError): void {
    if (this.#phase === "authorizing") this.#end(error);
  }

  #enter(): void {
    this.#phase = "waiting";
    if (this.#line.admission.enter(this)) return;
    this.#line.counters.refusals++;
    this.#end(new AppError("overloaded", `Too many calls wait for ${this.#line.label}. Try again later.`));
  }

  admitted(): void {
    const { breaker, admission, pools, counters } = this.#line;
    this.#phase = "idle";
    if (!breaker.tryPass()) {
      admission.release();
      counters.refusals++;
      this.#end(this.#refusedByBreaker());
      return;
    }
    this.#phase = "running";
    counters.attempts++;
    this.#wasSent = false;
    this.#intake = undefined;
    const { method, origin, path, body } = this.#request;
    try {
      // undici only reads the list of headers, which calls share.
      const headers = this.#headersWithToken() as string[];
      const options: CallOptions = { method, path, headers, body: body ?? null, carried: this };
      pools.get(origin).dispatch(options, this);
    } catch (error) {
      this.#attemptFailed(error);
    }
  }

  #headersWithToken(): readonly string[] {
    const { takesToken, headers } = this.#request;
    this.#token = takesToken ? this.#line.tokens?.current() : undefined;
    return this.#token === undefined ? headers : [...headers, "authorization", `Bearer ${this.#token}`];
  }

  carriedBy(connection: Connection): void {
    this.#connection = connection;
  }

  onRequestStart(): void {
    // Throwing drops the request before it is written and keeps the socket.
    if (this.#phase !== "running") throw new Error("The call ended before its request was sent.");
    this.#wasSent = true;
    this.#isOnWire = true;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    if (this.#phase !== "running" || status < 200) return;
    this.#status = status;
    const { origin, path } = this.#request;
    const head: ResponseHead = { status, headers, origin, path };
    try {
      this.#afterDiscard = this.#nextAfter(head);
      this.#discardedBytes = 0;
      if (this.#afterDiscard !== undefined) return;
      this.#intake = new ResponseIntake(head, controller, this.#receiver, this);
    } catch (error) {
      const failure = describeFailure(error, this.#line);
      this.#attemptEnded(undefined);
      this.#end(failure.error);
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#phase !== "running") return;
    if (this.#afterDiscard === undefined) this.#intake?.take(chunk);
    else {
      this.#discardedBytes += chunk.length;
      if (this.#discardedBytes > mostDiscardedBytes) this.#connection?.cut();
    }
  }

  onResponseEnd(): void {
    this.#isOnWire = false;
    if (this.#phase !== "running") return;
    if (this.#afterDiscard === undefined) this.#intake?.end();
    else this.#discarded(this.#afterDiscard);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#isOnWire = false;
    if (this.#phase !== "running") return;
    if (this.#afterDiscard === undefined) this.#attemptFailed(error);
    else this.#discarded(this.#afterDiscard);
  }

  intakeCompleted(): void {
    if (this.#status >= 500) this.#line.counters.failures++;
    this.#attemptEnded(this.#status < 500);
    this.#leave();
    this.#intake?.deliver();
  }

  intakeFailed(error: AppError): void {
    this.#attemptEnded(this.#status < 500);
    this.#end(error);
  }

  expire(): void {
    const { label, maxConcurrency, key, counters } = this.#line;
    counters.timeouts++;
    let message = `${label} did not answer in time. The limit is \`timeoutMs\` of the tool or of \`${key}\`.`;
    if (this.#phase === "waiting") {
      message = `The call waited until its deadline for one of the ${maxConcurrency} slots of ${label} (\`${key}.maxConcurrency\`).`;
    } else if (this.#phase === "authorizing") {
      message = `There was no token for ${label} in time: \`${key}.oauth.tokenUrl\` did not answer before the deadline of the call.`;
    }
    if (this.#phase === "running") this.#attemptEnded(false);
    this.#end(new AppError("timed_out", message));
  }

  #cancel(): void {
    if (this.#phase === "done") return;
    this.#line.counters.cancellations++;
    if (this.#phase === "running") this.#attemptEnded(undefined);
    this.#end(new AppError("cancelled", "The call was cancelled."));
  }

  /** What to do instead of using this answer: follow a redirect, or try again later. */
  #nextAfter(head: ResponseHead): (() => void) | undefined {
    const { maxRedirects, label, key } = this.#line;
    const location = header(head.headers, "location");
    if (maxRedirects > 0 && isRedirect(head.status, location)) {
      if (++this.#redirects > maxRedirects) {
        throw new AppError(
          "upstream_failed",
          `${label} redirected more than ${maxRedirects} times (\`${key}.redirects\`).`,
        );
      }
      const next = redirected(this.#request, head.status, location);
      return () => {
        this.#request = next;
        this.#enter();
      };
    }
    if (head.status === 401 && this.#token !== undefined) return this.#afterRefusal(this.#token, head);
    if (!isTransientStatus(head.status) || !this.#request.isIdempotent) return undefined;
    const delayMs = this.#retryDelay(retryAfterMs(header(head.headers, "retry-after"), Date.now()));
    return delayMs === undefined ? undefined : () => this.#rest(delayMs);
  }

  /** The next token is got whatever becomes of this call; of several refusals the last is its answer. */
  #afterRefusal(token: string, { headers }: ResponseHead): (() => void) | undefined {
    if (this.#wasRefused) return undefined;
    this.#wasRefused = true;
    if (!mayRepeatRefused(this.#request, header(headers, "www-authenticate"))) {
      this.#line.tokens?.replace(token);
      return undefined;
    }
    return () => {
      this.#line.counters.retries++;
      this.#awaitToken(token);
    };
  }

  #discarded(next: () => void): void {
    this.#afterDiscard = undefined;
    this.#attemptEnded(this.#status < 500);
    next();
  }

  #attemptFailed(cause: unknown): void {
    const { error, isTransient, countsAsDown } = describeFailure(cause, this.#line);
    this.#attemptEnded(countsAsDown ? false : undefined);
    // What was never sent may always be sent again; what may have been received only if that does no harm.
    const mayRepeat =
      isTransient && (!this.#wasSent || this.#request.isIdempotent) && this.#intake?.isHandedOn !== true;
    const delayMs = mayRepeat ? this.#retryDelay() : undefined;
    if (delayMs === undefined) {
      this.#end(error);
      return;
    }
    this.#intake?.abandon(error);
    this.#rest(delayMs);
  }

  /** Milliseconds until another attempt; `undefined` when there must be none. */
  #retryDelay(askedMs = 0): number | undefined {
    const { retry, random, now } = this.#line;
    if (this.#retries >= retry.attempts || askedMs > retry.maxBackoffMs) return undefined;
    const delayMs = Math.max(askedMs, backoffMs(retry, this.#retries + 1, random()));
    return now() + delayMs < this.deadlineAt ? delayMs : undefined;
  }

  #rest(delayMs: number): void {
    this.#phase = "resting";
    this.#retries++;
    this.#line.counters.retries++;
    this.#restTimer = setTimeout(() => this.#enter(), delayMs);
  }

  /**
   * The attempt under way is over: tells the breaker and gives back the slot.
   * @param isUp what the attempt said about the upstream; `undefined` when nothing
   */
  #attemptEnded(isUp: boolean | undefined): void {
    const { breaker, admission } = this.#line;
    this.#phase = "idle";
    if (isUp === undefined) breaker.withdrawn();
    else if (isUp) breaker.succeeded();
    else breaker.failed();
    admission.release();
  }

  /** The end without an answer. */
  #end(error: AppError): void {
    if (this.#phase === "waiting") this.#line.admission.leave(this);
    if (error.code !== "cancelled") this.#line.counters.failures++;
    this.#leave();
    if (this.#isOnWire) this.#connection?.cut();
    if (this.#intake?.abandon(error) !== true) this.#receiver.onFailure(error);
  }

  #leave(): void {
    this.#phase = "done";
    clearTimeout(this.#restTimer);
    this.#line.deadlines.delete(this);
    this.context.abort = undefined;
  }

  #refusedByBreaker(): AppError {
    const { breaker, label } = this.#line;
    const seconds = Math.max(1, Math.ceil(breaker.opensInMs / 1_000));
    return new AppError(
      "upstream_failed",
      `${label} failed ${breaker.failures} times in a row and is not called for now. Try again in ${seconds} s.`,
    );
  }
}
