import type { IncomingMessage, ServerResponse } from "node:http";
import { errorCatalogue } from "../../core/errors.ts";
import { describeError, encodeError, RpcError, type RequestId } from "../../protocol/json-rpc.ts";
import type { GatewayState } from "../gateway-state.ts";
import { bearerChallenge } from "../guards/access-guard.ts";
import { nextRequestId } from "../request-id.ts";
import { writeJson } from "./http-json.ts";
import { answerUnread } from "./linger.ts";

export interface Refusal {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly error: unknown;
  /** The message's id when it could be read. */
  readonly id?: RequestId | undefined;
  readonly headers?: readonly string[];
}

const retryAfterSeconds = "1";

/** Answers a request that never became an exchange: status and JSON-RPC error of the catalogue. */
export function refuse(state: GatewayState, refusal: Refusal): void {
  const { request, response, error } = refusal;
  const id = refusal.id ?? (error instanceof RpcError ? error.requestId : undefined);
  const { code, message, data } = describeError(error);
  const { httpStatus, rpcCode } = errorCatalogue[code];
  const requestId = nextRequestId();
  if (code === "internal") state.log.error("request failed", { request: requestId, error });
  const headers = [...(refusal.headers ?? []), "X-Request-Id", requestId];
  if (code === "unauthorized") headers.push(...bearerChallenge);
  if (code === "overloaded") headers.push("Retry-After", retryAfterSeconds);
  if (code === "method_not_allowed") headers.push("Allow", typeof data === "string" ? data : "POST");
  state.accessLog.refusal(requestId, httpStatus, code);
  state.metrics.refusedMessages++;
  const body = encodeError(id, rpcCode, message, code === "method_not_allowed" ? undefined : data);
  // What was not read of the body must not be taken for the next request.
  if (!request.complete && request.method === "POST") answerUnread(request, response, httpStatus, body, headers);
  else writeJson(response, httpStatus, body, "", headers);
}
