import { randomUUID } from "node:crypto";
import { AppError } from "../../core/errors.ts";
import { isJsonObject, type JsonValue } from "../../core/json.ts";
import type { InputRequest, InputResponse } from "../../core/mcp-call.ts";
import { type FilteredInput, filterInput } from "../../protocol/input-filter.ts";
import { encodeNotification, encodeRequest, type RequestId, type RpcResponse } from "../../protocol/json-rpc.ts";
import type { Exchange, Inquirer } from "../exchange.ts";
import { refusedInput } from "./refused-input.ts";

/** Questions of one session that wait for the client; more are refused. */
const maxOpen = 100;

const unreachable: FilteredInput = {
  kind: "refused",
  code: -32601,
  message: "The client takes no event stream, or has hung up: it cannot be asked during a request.",
  lacks: undefined,
};

interface OpenQuestion {
  readonly exchange: Exchange;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (response: InputResponse) => void;
  readonly reject: (error: AppError) => void;
}

/**
 * The questions to the client of one legacy session: requests with ids of ours on the stream of the
 * request that they belong to. An answer counts for the session's own questions alone.
 */
export class SessionQuestions implements Inquirer {
  readonly rounds = undefined;
  readonly #open = new Map<RequestId, OpenQuestion>();
  #lastId = 0;

  get size(): number {
    return this.#open.size;
  }

  reasonAgainst(exchange: Exchange, request: InputRequest): string | undefined {
    const filtered = this.#filter(exchange, request);
    return filtered.kind === "refused" ? filtered.message : undefined;
  }

  ask(exchange: Exchange, request: InputRequest): Promise<InputResponse> {
    const filtered = this.#filter(exchange, request);
    if (filtered.kind === "refused") return Promise.resolve(refusedInput(filtered.message, filtered.code));
    if (this.#open.size >= maxOpen) {
      return Promise.resolve(refusedInput(`The client has ${maxOpen} questions to answer already.`, -32603));
    }
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      const timer = setTimeout(() => this.#expire(id), exchange.inputTimeoutMs).unref();
      this.#open.set(id, { exchange, timer, resolve, reject });
      exchange.send(encodeRequest(id, filtered.request.method, filtered.request.params));
    });
  }

  #filter(exchange: Exchange, request: InputRequest): FilteredInput {
    if (!exchange.acceptsMessages) return unreachable;
    const { rank, client } = exchange;
    return filterInput(request, { rank, capabilities: client.capabilities }, randomUUID);
  }

  /** Takes a response of the client; one that answers no open question is ignored. */
  answer({ id, result, error }: RpcResponse): void {
    const question = this.#close(id);
    if (question === undefined) return;
    if (isJsonObject(result)) question.resolve({ kind: "result", result });
    else question.resolve(readError(error));
  }

  withdraw(exchange: Exchange): void {
    for (const [id, question] of this.#open) {
      if (question.exchange !== exchange) continue;
      this.#takeBack(id, exchange, "The request that the question belongs to is over.");
      question.reject(new AppError("cancelled", "The request is over; nobody is asked any more."));
    }
  }

  #expire(id: RequestId): void {
    const question = this.#open.get(id);
    if (question === undefined) return;
    this.#takeBack(id, question.exchange, "The answer took too long.");
    question.resolve(refusedInput("The client did not answer in time.", -32603));
  }

  #takeBack(id: RequestId, exchange: Exchange, reason: string): void {
    this.#close(id);
    exchange.send(encodeNotification("notifications/cancelled", { requestId: id, reason }));
  }

  #close(id: RequestId): OpenQuestion | undefined {
    const question = this.#open.get(id);
    if (question === undefined) return undefined;
    clearTimeout(question.timer);
    this.#open.delete(id);
    return question;
  }
}

function readError(error: unknown): InputResponse {
  if (!isJsonObject(error)) return refusedInput("The client's answer is not one of the protocol.", -32603);
  const { code, message, data } = error as { readonly [key: string]: JsonValue | undefined };
  return {
    kind: "error",
    code: typeof code === "number" && Number.isInteger(code) ? code : -32603,
    message: typeof message === "string" ? message : "The client answered with an error.",
    ...(data === undefined ? {} : { data }),
  };
}
