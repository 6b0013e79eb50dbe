import type { CallStream } from "../../core/call.ts";
import { AppError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { parseJson } from "../../core/lossless-json.ts";
import type { Principal } from "../../core/principal.ts";
import { encodeError } from "../../protocol/json-rpc.ts";
import type { Rank } from "../../protocol/revisions.ts";
import type { CompiledServer } from "../compile/compiled-server.ts";
import { answer } from "../dispatch.ts";
import { Exchange, type Inquirer } from "../exchange.ts";
import type { ReplySink } from "../reply-sink.ts";
import { RouteTable } from "../route-table.ts";
import { Snapshot } from "../snapshot.ts";

export interface LocalRequest {
  readonly server: CompiledServer;
  readonly method: string;
  readonly params: JsonObject;
  readonly rank: Rank;
  readonly principal: Principal;
  /** Of the client; lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly inquirer: Inquirer;
  /** Index into `logLevels`; Infinity for no log messages. */
  readonly logThreshold: number;
  /** JSON text of each notification before the answer. */
  readonly onMessage: (text: string) => void;
}

/** What was answered: the JSON text of the result, or a JSON-RPC error. */
export type LocalAnswer =
  | { readonly kind: "result"; readonly text: string }
  | { readonly kind: "error"; readonly code: number; readonly message: string; readonly data: JsonValue | undefined };

/** A request under way. */
export interface LocalExchange {
  /** For what is remembered per call. */
  readonly exchange: Exchange;
  /** Rejects with `AppError("cancelled")` after `exchange.cancel()`. */
  readonly answer: Promise<LocalAnswer>;
}

/**
 * Puts one request to a compiled server as an endpoint would, without a socket: from here on it is the code that
 * answers clients.
 */
export function startLocalExchange(request: LocalRequest): LocalExchange {
  const { server, method, params, rank, principal, headers } = request;
  const [route] = server.routes;
  if (route === undefined) throw new AppError("internal", "A server has a route.");
  let settle: { readonly resolve: (text: string) => void; readonly reject: (error: AppError) => void } | undefined;
  const text = new Promise<string>((resolve, reject) => {
    settle = { resolve, reject };
  });
  const exchange = new Exchange({
    message: { kind: "request", id: 1, method, params },
    snapshot: new Snapshot("", new Map([[server.key, server]]), new RouteTable()),
    server,
    route,
    rank,
    principal,
    headers,
    sink: new LocalSink(request.onMessage, (reply) => {
      if (reply === undefined) settle?.reject(new AppError("cancelled", "The call was cancelled."));
      else settle?.resolve(reply);
    }),
    envelope: undefined,
    client: { info: undefined, capabilities: {} },
    sessionId: undefined,
    inquirer: request.inquirer,
    logThreshold: request.logThreshold,
    onFinished: () => undefined,
  });
  try {
    answer(exchange);
  } catch (error) {
    exchange.fail(error);
  }
  return { exchange, answer: text.then(readResponse) };
}

/** Takes the response as text; nothing is streamed, so large results come as a whole. */
class LocalSink implements ReplySink {
  readonly acceptsMessages = true;
  readonly acceptsStream = false;
  readonly #onMessage: (text: string) => void;
  readonly #onReply: (text: string | undefined) => void;

  constructor(onMessage: (text: string) => void, onReply: (text: string | undefined) => void) {
    this.#onMessage = onMessage;
    this.#onReply = onReply;
  }

  send(message: string): void {
    this.#onMessage(message);
  }

  reply(_httpStatus: number, head: string, tail: string | Buffer): void {
    this.#onReply(head + tail.toString());
  }

  /** Whoever does not accept streams gets none; the answer is an error all the same, not silence. */
  stream(_head: string, _stream: CallStream, _close: string, onEnd: () => void): void {
    this.#onReply(encodeError(1, -32603, "The result is too large to be shown."));
    onEnd();
  }

  abandon(): void {
    this.#onReply(undefined);
  }
}

const resultHead = '{"jsonrpc":"2.0","id":1,"result":';

function readResponse(response: string): LocalAnswer {
  if (response.startsWith(resultHead)) return { kind: "result", text: response.slice(resultHead.length, -1) };
  const value = parseJson(response);
  const error = isJsonObject(value) ? value["error"] : undefined;
  if (!isJsonObject(error)) throw new AppError("internal", "A response has a result or an error.");
  const { code, message, data } = error;
  return { kind: "error", code: Number(code), message: typeof message === "string" ? message : "", data };
}
