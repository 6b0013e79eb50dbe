import { AppError } from "../../../core/errors.ts";
import { stringifyJson } from "../../../core/lossless-json.ts";
import type { InputResponse } from "../../../core/mcp-call.ts";
import { encodeId, type RequestId, rpcCodeOf } from "../../../protocol/json-rpc.ts";
import type { ServerRequest } from "../../../protocol/server-message.ts";
import type { Attribution } from "./attribution.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import type { PendingCall } from "./pending-call.ts";

/** What only the client can answer. */
const questions: ReadonlySet<string> = new Set(["elicitation/create", "sampling/createMessage", "roots/list"]);

/** Questions of one server that may be open at once; a server that asks more is told so. */
const mostOpenQuestions = 1_000;

const methodNotFound = -32_601;
const internalError = -32_603;

interface OpenQuestion {
  readonly id: RequestId;
  /** The server wants no answer any more. */
  isCancelled: boolean;
}

/** The requests that a server of the legacy era makes, answered by the gateway or by the client whose call it works on. */
export class ServerRequests {
  readonly #settings: ConnectionSettings;
  readonly #answer: (message: string) => void;
  readonly #open: OpenQuestion[] = [];

  /** @param answer sends a message to the server; never throws */
  constructor(settings: ConnectionSettings, answer: (message: string) => void) {
    this.#settings = settings;
    this.#answer = answer;
  }

  handle(request: ServerRequest, attribution: Attribution): void {
    const { id, method } = request;
    if (method === "ping") this.#answer(encodeResult(id, "{}"));
    else if (!questions.has(method)) this.#refuse(id, methodNotFound, `The method ${quoted(method)} is not known.`);
    else if (typeof attribution === "object") this.#ask(request, attribution);
    // Whatever the roots of the client in question are: none of them are this server's to see now.
    else if (method === "roots/list") this.#answer(encodeResult(id, '{"roots":[]}'));
    else this.#refuseUnowned(request, attribution);
  }

  /** The server takes a question back (`notifications/cancelled`). */
  cancelled(id: unknown): void {
    const question = this.#open.find((open) => open.id === id);
    if (question !== undefined) question.isCancelled = true;
  }

  #ask({ id, method, params }: ServerRequest, call: PendingCall): void {
    const { context } = call;
    if (context === undefined || this.#open.length >= mostOpenQuestions) {
      this.#refuse(id, internalError, "Too many requests of the server are open.");
      return;
    }
    const question: OpenQuestion = { id, isCancelled: false };
    this.#open.push(question);
    call.questionOpened();
    context
      .requestInput({ method, params })
      .then(
        (response) => encodeResponse(id, response),
        (error: unknown) => encodeFailure(id, error),
      )
      .then((message) => {
        call.questionClosed();
        this.#open.splice(this.#open.indexOf(question), 1);
        if (!question.isCancelled) this.#answer(message);
      })
      .catch((error: unknown) => this.#settings.log.error("upstream not answered", { error }));
  }

  #refuseUnowned({ id, method }: ServerRequest, attribution: "nobody" | "strangers"): void {
    const { log, key } = this.#settings;
    log.info("upstream request refused", { upstream: key, method, reason: attribution });
    const reason =
      attribution === "nobody"
        ? "No call is under way that could carry it to a client."
        : "Calls of several clients are under way; it cannot be told whose it is.";
    this.#refuse(id, methodNotFound, `${method} cannot be answered. ${reason}`);
  }

  #refuse(id: RequestId, code: number, message: string): void {
    this.#answer(encodeFault(id, code, message, ""));
  }
}

function encodeResponse(id: RequestId, response: InputResponse): string {
  switch (response.kind) {
    case "result":
      return encodeResult(id, stringifyJson(response.result));
    case "error": {
      const data = response.data === undefined ? "" : `,"data":${stringifyJson(response.data)}`;
      return encodeFault(id, response.code, response.message, data);
    }
  }
}

/** The call is over before the client answered: the server hears of it, so that it does not wait. */
function encodeFailure(id: RequestId, error: unknown): string {
  if (error instanceof AppError) return encodeFault(id, rpcCodeOf(error.code), error.message, "");
  return encodeFault(id, internalError, "The client could not be asked.", "");
}

function encodeResult(id: RequestId, result: string): string {
  return `{"jsonrpc":"2.0","id":${encodeId(id)},"result":${result}}`;
}

function encodeFault(id: RequestId, code: number, message: string, data: string): string {
  return `{"jsonrpc":"2.0","id":${encodeId(id)},"error":{"code":${code},"message":${JSON.stringify(message)}${data}}}`;
}

function quoted(method: string): string {
  return JSON.stringify(method.length > 64 ? `${method.slice(0, 64)}…` : method);
}
