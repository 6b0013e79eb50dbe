import type { AppError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { McpCallContext } from "../../../core/mcp-call.ts";
import type { ServerError, ServerRequest, ServerResult } from "../../../protocol/server-message.ts";
import type { ExchangeReader, HeaderList, HttpTurn, Lane } from "../http/mcp-http-client.ts";
import type { McpReply } from "../mcp-request.ts";
import { type MessageTaker, takeMessage } from "./message-intake.ts";
import { type CallLine, PendingCall, type Settle } from "./pending-call.ts";
import { ProtocolRefusal, refusedWithStatus } from "./protocol-refusal.ts";

/** The peer that an HTTP call is under way with. */
export interface HttpCallLine extends CallLine {
  /** The answer to the call, in the words of the peer's revision. */
  reply(response: ServerResult | ServerError): McpReply;
  /** A notification on the call's own stream. */
  notified(method: string, params: JsonObject, call: PendingCall): void;
  /** A request of the server on the call's own stream. */
  asked(request: ServerRequest, call: PendingCall): void;
  /** Sends the call's request once more; what is heard then belongs to it. */
  repeat(call: HttpCall): HttpTurn;
}

/** One request by POST. */
export interface HttpCallOptions {
  readonly context: McpCallContext | undefined;
  /** Counts when there is no context. */
  readonly ownDeadlineAt: number;
  readonly isIdempotent: boolean;
  readonly settle: Settle;
}

/**
 * One request by POST, and its answer as JSON or as an event stream. The eras differ in what an error
 * means and in whether a stream that broke goes on.
 */
export abstract class HttpCall extends PendingCall implements ExchangeReader, MessageTaker {
  /** What was sent, to be sent again when it never arrived. */
  body = "";
  headers: HeaderList = [];
  lane: Lane = "call";
  /** Of the answer; 0 before it has begun. */
  protected status = 0;
  readonly #line: HttpCallLine;
  readonly #isIdempotent: boolean;
  #turn: HttpTurn | undefined;
  /** Once, and not after an answer has begun. */
  #mayRepeat = true;

  constructor(line: HttpCallLine, { context, ownDeadlineAt, isIdempotent, settle }: HttpCallOptions) {
    super(line, context, ownDeadlineAt, settle);
    this.#line = line;
    this.#isIdempotent = isIdempotent;
  }

  /** The exchange that the answer comes by. */
  carriedBy(turn: HttpTurn): void {
    this.#turn = turn;
    this.status = 0;
  }

  override deliver(reply: McpReply): void {
    super.deliver(reply);
    this.#turn?.release();
    this.#turn = undefined;
  }

  override fail(error: AppError): void {
    super.fail(error);
    this.#turn?.abort();
    this.#turn = undefined;
  }

  onResponse(status: number, _header: (name: string) => string | undefined): void {
    this.status = status;
    this.#mayRepeat = false;
  }

  onMessage(text: string): void {
    takeMessage(text, this);
  }

  onEventId(_id: string): void {
    // Streams that go on after a break are of the legacy era.
  }

  onRetry(_delayMs: number): void {
    // The same.
  }

  onEvent(_type: string, _data: string): void {
    // No other types of events are known on these streams.
  }

  onEnd(_text: string): void {
    this.#turn = undefined;
    if (!this.isOver) this.endedEarly();
  }

  onFailure(error: AppError, wasSent: boolean): void {
    this.#turn = undefined;
    if (this.isOver) return;
    // A server may close a socket in the very moment in which it is used again. What was not even sent
    // could not be connected, which trying again at once does not mend.
    if (!this.#mayRepeat || !this.#isIdempotent || !wasSent) {
      this.broke(error);
      return;
    }
    this.#mayRepeat = false;
    this.carriedBy(this.#line.repeat(this));
  }

  takeResponse(response: ServerResult | ServerError): void {
    if (this.isOver) return;
    const isOurs = response.id === this.id || (response.kind === "error" && response.id === undefined);
    if (!isOurs) this.takeInvalid("answers another request");
    else if (response.kind === "error") this.refused(response);
    // A result with a status of failure is none: the end of the answer tells what the status means.
    else if (this.status < 300) this.deliver(this.#line.reply(response));
  }

  takeRequest(request: ServerRequest): void {
    if (!this.isOver) this.#line.asked(request, this);
  }

  takeNotification(method: string, params: JsonObject): void {
    if (!this.isOver) this.#line.notified(method, params, this);
  }

  takeInvalid(reason: string): void {
    // With a status of failure anything may come; the end of the answer tells what the status means.
    if (this.isOver || this.status >= 300) return;
    const message = `${this.#line.label} answered something that is no JSON-RPC response: the message ${reason}.`;
    this.fail(new ProtocolRefusal(message, this.status));
  }

  /** The server answered with a JSON-RPC error. */
  protected refused(error: ServerError): void {
    if (this.status === 401 || this.status === 403) this.fail(refusedWithStatus(this.status, this.#line));
    else this.deliver(this.#line.reply(error));
  }

  /** The answer is over, and the response was not in it. */
  protected endedEarly(): void {
    this.fail(refusedWithStatus(this.status, this.#line));
  }

  /** There is no answer, or it broke off. */
  protected broke(error: AppError): void {
    this.fail(error);
  }
}
