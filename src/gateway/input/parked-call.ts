import { randomBytes } from "node:crypto";
import type { LogEntry, ProgressUpdate } from "../../core/call.ts";
import { AppError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import type { InputRequest, InputResponse } from "../../core/mcp-call.ts";
import type { Exchange } from "../exchange.ts";
import type { Reply, StandIn } from "../reply.ts";
import { encodeInputRequired } from "./input-required.ts";
import { refusedInput } from "./refused-input.ts";
import { bindingOf } from "./request-binding.ts";
import type { RequestStates } from "./request-state.ts";

/** Questions that come within this time are put together. */
const gatherMs = 15;
/** Questions of one call that wait at once; more are refused. */
const maxOpen = 100;
const idBytes = 16;

interface OpenQuestion {
  readonly request: InputRequest;
  readonly resolve: (response: InputResponse) => void;
  readonly reject: (error: AppError) => void;
}

/** Settles a retry of the client. */
interface WaitingClient {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One call at an upstream that has questions to a client of 2026-07-28. Its first exchange, the root,
 * made the call and stays the upstream's way back; the client's end is whichever request of the client
 * is open: the root's own, then none while the client thinks, then that of each retry.
 */
export class ParkedCall implements StandIn {
  readonly id: string;
  readonly root: Exchange;
  readonly #states: RequestStates;
  readonly #onOver: () => void;
  readonly #open = new Map<string, OpenQuestion>();
  /** The client's request that is open. */
  #front: Exchange | undefined;
  /** Settles the request of the front, when it is a retry. */
  #waiting: WaitingClient | undefined;
  /** The client's latest request. */
  #latest: Exchange;
  /** What came of the call while the client was away. */
  #ending: ((client: WaitingClient) => void) | undefined;
  #lastKey = 0;
  #isOver = false;
  /** Gathers questions, or waits for the client. */
  #timer: NodeJS.Timeout | undefined;

  constructor(root: Exchange, states: RequestStates, onOver: () => void) {
    this.id = randomBytes(idBytes).toString("base64url");
    this.root = root;
    this.#front = root;
    this.#latest = root;
    this.#states = states;
    this.#onOver = onOver;
  }

  get openQuestions(): number {
    return this.#open.size;
  }

  ask(request: InputRequest): Promise<InputResponse> {
    if (this.#isOver) return Promise.reject(nobodyAsked());
    if (this.#open.size >= maxOpen) {
      return Promise.resolve(refusedInput(`The client has ${maxOpen} questions to answer already.`, -32603));
    }
    return new Promise((resolve, reject) => {
      this.#open.set(`input-${++this.#lastKey}`, { request, resolve, reject });
      // While the client is away, a new question waits for its next request.
      if (this.#front !== undefined) this.#timer ??= setTimeout(() => this.#askFront(), gatherMs);
    });
  }

  /** A retry of the client, with answers. Resolves with the result of the call, or with further questions. */
  attach(exchange: Exchange, responses: JsonObject): Promise<Reply> {
    if (this.#front !== undefined) {
      throw new AppError("invalid_params", "Another request with this params.requestState is being answered.");
    }
    this.#stopTimer();
    this.#front = exchange;
    exchange.takeOver(this.#latest);
    this.#latest = exchange;
    exchange.abort = () => this.root.abortCall();
    const settled = new Promise<Reply>((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
    if (this.#ending !== undefined) this.#end(this.#ending);
    else {
      this.#answer(responses);
      if (this.#open.size > 0) this.#askFront();
    }
    return settled;
  }

  /** Passes on what was answered. Answers to other questions are ignored; what is no object is no answer. */
  #answer(responses: JsonObject): void {
    for (const [key, question] of this.#open) {
      const result = Object.hasOwn(responses, key) ? responses[key] : undefined;
      if (!isJsonObject(result)) continue;
      this.#open.delete(key);
      question.resolve({ kind: "result", result });
    }
  }

  /** Spends the open request of the client on the open questions. */
  #askFront(): void {
    this.#timer = undefined;
    const front = this.#front;
    if (front === undefined || this.#open.size === 0) return;
    const { inputTimeoutMs } = this.root;
    const state = this.#states.write({ kind: "parked", id: this.id }, bindingOf(this.root), inputTimeoutMs);
    const requests = [...this.#open].map(([key, { request }]) => [key, request] as const);
    const reply = encodeInputRequired(this.root.server, requests, state);
    this.#front = undefined;
    this.#timer = setTimeout(() => this.expire(), inputTimeoutMs).unref();
    if (front === this.root) front.park(reply, this);
    else {
      front.abort = undefined;
      this.#waiting?.resolve(reply);
      this.#waiting = undefined;
    }
  }

  progress(update: ProgressUpdate): void {
    this.#front?.progress(update);
  }

  log(entry: LogEntry): void {
    this.#front?.log(entry);
  }

  notify(method: string, params: JsonObject): void {
    this.#front?.notify(method, params);
  }

  succeed(reply: Reply): void {
    this.#end((client) => client.resolve(reply));
  }

  fail(error: unknown): void {
    this.#end((client) => client.reject(error));
  }

  /** Ends the client's request with this error, and the call. */
  stop(error: unknown): void {
    if (this.#front === this.root) this.root.stop(error);
    else {
      this.fail(error);
      this.root.abortCall();
    }
  }

  /** The client has not come back: open questions count as cancelled, then the call ends. */
  expire(): void {
    for (const { request, resolve } of this.#open.values()) {
      if (request.method === "elicitation/create") resolve({ kind: "result", result: { action: "cancel" } });
      else resolve(refusedInput("The client did not answer in time.", -32603));
    }
    this.#open.clear();
    this.dispose();
    // Later, so that the answers go out before the call is taken back.
    setImmediate(() => this.root.abortCall());
  }

  /** Forgets the call; whoever waits for an answer is told that it is over. */
  dispose(): void {
    this.#isOver = true;
    this.#stopTimer();
    this.#onOver();
    this.#rejectOpen();
  }

  /** Hands the end of the call to the client's open request, or keeps it until there is one. */
  #end(ending: (client: WaitingClient) => void): void {
    const client = this.#waiting;
    const front = this.#front;
    if (client === undefined || front === undefined) {
      // The first end counts: what follows is the call being taken back.
      this.#ending ??= ending;
      this.#rejectOpen();
      return;
    }
    front.toolFailed = this.root.toolFailed;
    this.#front = undefined;
    this.#waiting = undefined;
    this.dispose();
    ending(client);
  }

  #rejectOpen(): void {
    for (const { reject } of this.#open.values()) {
      reject(nobodyAsked());
    }
    this.#open.clear();
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

function nobodyAsked(): AppError {
  return new AppError("cancelled", "The request is over; nobody is asked any more.");
}
