import { AppError } from "../../../core/errors.ts";
import type { McpCallContext } from "../../../core/mcp-call.ts";
import type { Expiring } from "../../http/deadlines.ts";
import type { McpReply } from "../mcp-request.ts";

/** The connection that a call is under way on. */
export interface CallLine {
  readonly label: string;
  readonly key: string;
  /** The call is over: it is taken off the list of what is under way. */
  settled(call: PendingCall): void;
  /** Nobody waits for the answer any more: tells the server. Comes before `settled`. */
  abandoned(call: PendingCall, reason: string): void;
}

/** Who waits for the answer. */
export interface Settle {
  readonly resolve: (reply: McpReply) => void;
  readonly reject: (error: AppError) => void;
}

/** One request under way at an MCP server, until exactly one of answer, failure, deadline and cancellation. */
export class PendingCall implements Expiring {
  /** JSON-RPC id and progress token; set by `CallsUnderWay`. */
  id = 0;
  /** Of the deadlines. */
  slot = -1;
  /** Undefined for a request of the gateway's own. */
  readonly context: McpCallContext | undefined;
  protected readonly line: CallLine;
  readonly #settle: Settle;
  readonly #ownDeadlineAt: number;
  #openQuestions = 0;
  #isOver = false;

  /** @param ownDeadlineAt counts when there is no context */
  constructor(line: CallLine, context: McpCallContext | undefined, ownDeadlineAt: number, settle: Settle) {
    this.line = line;
    this.context = context;
    this.#ownDeadlineAt = ownDeadlineAt;
    this.#settle = settle;
    if (context !== undefined) context.abort = () => this.cancel();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The clock stands while the client is asked something; that wait is bounded by who asks it. */
  get deadlineAt(): number {
    if (this.#openQuestions > 0) return Number.POSITIVE_INFINITY;
    return this.context?.deadlineAt ?? this.#ownDeadlineAt;
  }

  questionOpened(): void {
    this.#openQuestions++;
  }

  questionClosed(): void {
    this.#openQuestions--;
  }

  deliver(reply: McpReply): void {
    if (this.#end()) this.#settle.resolve(reply);
  }

  fail(error: AppError): void {
    if (this.#end()) this.#settle.reject(error);
  }

  expire(): void {
    if (this.#isOver) return;
    const { label, key } = this.line;
    // What is the gateway's own has limits that whoever waits for it can name.
    const limit = this.context === undefined ? "" : ` The limit is \`timeoutMs\` of the tool or of \`${key}\`.`;
    this.line.abandoned(this, "The time for the request is over.");
    this.fail(new AppError("timed_out", `${label} did not answer in time.${limit}`));
  }

  cancel(): void {
    if (this.#isOver) return;
    this.line.abandoned(this, "The client cancelled the request.");
    this.fail(new AppError("cancelled", "The call was cancelled."));
  }

  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    if (this.context !== undefined) this.context.abort = undefined;
    this.line.settled(this);
    return true;
  }
}
