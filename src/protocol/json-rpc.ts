import { AppError, type ErrorCode, errorCatalogue } from "../core/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { stringifyJson } from "../core/lossless-json.ts";

/** A request id keeps its type and digits from the request to the answer. */
export type RequestId = string | number | bigint;

export interface RpcRequest {
  readonly kind: "request";
  readonly id: RequestId;
  readonly method: string;
  readonly params: JsonObject;
}

export interface RpcNotification {
  readonly kind: "notification";
  readonly method: string;
  readonly params: JsonObject;
}

export interface RpcResponse {
  readonly kind: "response";
  readonly id: RequestId;
  readonly result: unknown;
  readonly error: unknown;
}

export type RpcMessage = RpcRequest | RpcNotification | RpcResponse;

/** An AppError that knows which request it answers. */
export class RpcError extends AppError {
  readonly requestId: RequestId | undefined;

  constructor(code: ErrorCode, message: string, requestId: RequestId | undefined) {
    super(code, message);
    this.requestId = requestId;
  }
}

const noParams: JsonObject = Object.freeze({});
const envelopeKeys = ["jsonrpc", "id", "method", "params", "result", "error"];
const paramsKeys = ["_meta", "name", "arguments", "uri", "cursor", "protocolVersion", "capabilities", "clientInfo"];

/**
 * Checks the envelope of one message (JSON-RPC 2.0; MCP forbids null ids and positional params).
 * Keys that differ from the envelope's only by case are refused: another parser on the way may fold
 * case and would then see a different message.
 *
 * @throws RpcError `invalid_request`, carrying the id when it could be read.
 */
export function readMessage(value: unknown): RpcMessage {
  if (!isJsonObject(value)) throw new RpcError("invalid_request", "A message must be a JSON object.", undefined);
  const id = value["id"];
  const validId = isRequestId(id) ? id : undefined;
  if (value["jsonrpc"] !== "2.0") throw invalid('"jsonrpc" must be "2.0".', validId);
  refuseCaseVariants(value, envelopeKeys, validId);
  const method = value["method"];
  if (method === undefined) return readResponse(value, validId);
  if (typeof method !== "string") throw invalid('"method" must be a string.', validId);
  const params = readParams(value["params"], validId);
  if (id === undefined && !("id" in value)) return { kind: "notification", method, params };
  if (validId === undefined) throw invalid('"id" must be a string or a number.', undefined);
  return { kind: "request", id: validId, method, params };
}

function readParams(params: unknown, id: RequestId | undefined): JsonObject {
  if (params === undefined) return noParams;
  if (!isJsonObject(params)) throw invalid('"params" must be an object.', id);
  refuseCaseVariants(params, paramsKeys, id);
  return params;
}

function readResponse(value: JsonObject, id: RequestId | undefined): RpcResponse {
  const { result, error } = value;
  if (id === undefined || (result === undefined) === (error === undefined)) {
    throw invalid('A message needs a "method", or an "id" with either "result" or "error".', id);
  }
  return { kind: "response", id, result, error };
}

function isRequestId(id: unknown): id is RequestId {
  return typeof id === "string" || typeof id === "number" || typeof id === "bigint";
}

function refuseCaseVariants(object: JsonObject, known: readonly string[], id: RequestId | undefined): void {
  for (const key in object) {
    if (known.includes(key)) continue;
    const lower = key.toLowerCase();
    if (lower !== key && known.some((name) => name.toLowerCase() === lower)) {
      throw invalid(`Unknown key ${JSON.stringify(key.slice(0, 64))}: keys are case-sensitive.`, id);
    }
  }
}

function invalid(message: string, id: RequestId | undefined): RpcError {
  return new RpcError("invalid_request", message, id);
}

/** The id as JSON text. */
export function encodeId(id: RequestId | undefined): string {
  if (typeof id === "number") return String(id);
  if (typeof id === "string") return JSON.stringify(id);
  return id === undefined ? "null" : id.toString();
}

/** Everything of a response before the JSON text of its result; close with `}`. */
export function responseHead(id: RequestId): string {
  return `{"jsonrpc":"2.0","id":${encodeId(id)},"result":`;
}

/** A whole error response. `data` is left out when undefined. */
export function encodeError(id: RequestId | undefined, rpcCode: number, message: string, data?: unknown): string {
  const error = data === undefined ? { code: rpcCode, message } : { code: rpcCode, message, data: data as JsonValue }; // it goes out as JSON
  return `{"jsonrpc":"2.0","id":${encodeId(id)},"error":${stringifyJson(error)}}`;
}

/** A whole notification. */
export function encodeNotification(method: string, params?: unknown): string {
  return `{"jsonrpc":"2.0",${methodAndParams(method, params)}}`;
}

/** A whole request. */
export function encodeRequest(id: RequestId, method: string, params?: unknown): string {
  return `{"jsonrpc":"2.0","id":${encodeId(id)},${methodAndParams(method, params)}}`;
}

/** Integers beyond 2^53 that a peer sent keep their digits. */
function methodAndParams(method: string, params: unknown): string {
  const name = `"method":${JSON.stringify(method)}`;
  return params === undefined ? name : `${name},"params":${stringifyJson(params as JsonValue)}`; // it goes out as JSON
}

/** What any thrown value becomes on the wire; unknown errors never show their text. */
export function describeError(error: unknown): { code: ErrorCode; message: string; data: unknown } {
  if (error instanceof AppError) return { code: error.code, message: error.message, data: error.data };
  return { code: "internal", message: "Internal error.", data: undefined };
}

export function rpcCodeOf(code: ErrorCode): number {
  return errorCatalogue[code].rpcCode;
}
