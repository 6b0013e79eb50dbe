import { isJsonObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { parseJson } from "../core/lossless-json.ts";
import type { RequestId } from "./json-rpc.ts";
import { elementSpans, memberSpans } from "./json-spans.ts";

/** A result as the server wrote it. */
export interface ServerResult {
  readonly kind: "result";
  readonly id: RequestId;
  /** JSON text of the result object, cut out of the message. */
  readonly text: string;
  readonly value: JsonObject;
}

export interface ServerError {
  readonly kind: "error";
  /** Undefined when the server could not tell which request it refused (JSON-RPC: null). */
  readonly id: RequestId | undefined;
  readonly code: number;
  readonly message: string;
  readonly data: JsonValue | undefined;
}

/** A request or notification of the server; integers beyond 2^53 are `bigint`. */
export interface ServerRequest {
  readonly kind: "request";
  readonly id: RequestId;
  readonly method: string;
  readonly params: JsonObject;
}

export interface ServerNotification {
  readonly kind: "notification";
  readonly method: string;
  readonly params: JsonObject;
}

/** Several messages in one array (2025-03-26), as texts to be read one by one. */
export interface ServerBatch {
  readonly kind: "batch";
  readonly texts: readonly string[];
}

/** What is no message of JSON-RPC 2.0; the reason completes "The message …". */
export interface InvalidMessage {
  readonly kind: "invalid";
  readonly reason: string;
}

export type ServerMessage =
  | ServerResult
  | ServerError
  | ServerRequest
  | ServerNotification
  | ServerBatch
  | InvalidMessage;

const noParams: JsonObject = Object.freeze({});

/** Each message costs more than the few bytes that it may be long. */
const mostInBatch = 1_000;

/**
 * Reads what an MCP server sent. Nothing is guessed: what is not exactly a message is `invalid`. Results
 * are not written anew: their text is the server's own, proven to be one JSON object.
 */
export function readServerMessage(text: string): ServerMessage {
  return readIdFirst(text) ?? readResultFirst(text) ?? readAny(text);
}

const idFirstHead = '{"jsonrpc":"2.0","id":';
const idFirstMiddle = ',"result":';

/**
 * `{"jsonrpc":"2.0","id":1,"result":…}`, as most servers write it. When what lies between the middle and
 * the last brace is valid JSON by itself, then the message has exactly these three members, and it was
 * parsed no more than once.
 */
function readIdFirst(text: string): ServerResult | undefined {
  if (!text.startsWith(idFirstHead) || text.charCodeAt(text.length - 1) !== closeBrace) return undefined;
  const idEnd = endOfDigits(text, idFirstHead.length);
  if (idEnd === undefined || !text.startsWith(idFirstMiddle, idEnd)) return undefined;
  const id = Number(text.slice(idFirstHead.length, idEnd));
  return plainResult(id, text.slice(idEnd + idFirstMiddle.length, -1));
}

const resultFirstHead = '{"result":';
const resultFirstTail = ',"jsonrpc":"2.0","id":';

/** `{"result":…,"jsonrpc":"2.0","id":1}`, as the official TypeScript library writes it. */
function readResultFirst(text: string): ServerResult | undefined {
  if (!text.startsWith(resultFirstHead) || text.charCodeAt(text.length - 1) !== closeBrace) return undefined;
  const tailStart = text.lastIndexOf(resultFirstTail);
  if (tailStart < resultFirstHead.length) return undefined;
  const idStart = tailStart + resultFirstTail.length;
  if (endOfDigits(text, idStart) !== text.length - 1) return undefined;
  return plainResult(Number(text.slice(idStart, -1)), text.slice(resultFirstHead.length, tailStart));
}

const closeBrace = 0x7d;
const openBrace = 0x7b;
const zero = 0x30;

/** Index after a JSON integer that is written with digits alone and that a double holds exactly. */
function endOfDigits(text: string, start: number): number | undefined {
  let at = start;
  while (at - start < 16 && text.charCodeAt(at) >= zero && text.charCodeAt(at) <= 0x39) at++;
  const length = at - start;
  if (length === 0 || length > 15 || (length > 1 && text.charCodeAt(start) === zero)) return undefined;
  return at;
}

function plainResult(id: number, text: string): ServerResult | undefined {
  if (text.charCodeAt(0) !== openBrace) return undefined;
  try {
    // An opening brace and valid JSON make an object.
    return { kind: "result", id, text, value: JSON.parse(text) as JsonObject };
  } catch {
    // Members of the message follow the result, or it is no JSON at all: the slow way tells.
    return undefined;
  }
}

function readAny(text: string): ServerMessage {
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch {
    // The parser's own words quote the text.
    return invalid("is not valid JSON");
  }
  if (Array.isArray(value)) return readBatch(value, text);
  if (!isJsonObject(value)) return invalid("is not a JSON object");
  if (value["jsonrpc"] !== "2.0") return invalid('has no "jsonrpc": "2.0"');
  return value["method"] === undefined ? readResponse(value, text) : readCall(value);
}

function readBatch({ length }: readonly JsonValue[], text: string): ServerMessage {
  if (length > mostInBatch) return invalid(`is a batch of more than ${mostInBatch} messages`);
  return { kind: "batch", texts: elementSpans(text).map(({ start, end }) => text.slice(start, end)) };
}

function readCall(value: JsonObject): ServerMessage {
  const { id, method, params = noParams } = value;
  if (typeof method !== "string") return invalid('has a "method" that is not a string');
  if (!isJsonObject(params)) return invalid('has "params" that are not an object');
  if (id === undefined) return { kind: "notification", method, params };
  if (!isRequestId(id)) return invalid('has an "id" that is neither a string nor a number');
  return { kind: "request", id, method, params };
}

function readResponse(value: JsonObject, text: string): ServerMessage {
  const { id, result, error } = value;
  if ((result === undefined) === (error === undefined)) {
    return invalid('is neither a request nor a response with one of "result" and "error"');
  }
  const readId = isRequestId(id) ? id : undefined;
  if (readId === undefined && id !== undefined && id !== null) {
    return invalid('has an "id" that is neither a string nor a number');
  }
  if (error !== undefined) return readError(readId, error);
  if (readId === undefined) return invalid('has a "result" but no "id"');
  if (!isJsonObject(result)) return invalid('has a "result" that is not an object');
  const span = memberSpans(text)?.find(({ key }) => key === "result");
  if (span === undefined) return invalid("has the same key twice");
  return { kind: "result", id: readId, text: text.slice(span.start, span.end), value: result };
}

function readError(id: RequestId | undefined, error: JsonValue): ServerMessage {
  if (!isJsonObject(error)) return invalid('has an "error" that is not an object');
  const { code, message, data } = error;
  if (typeof code !== "number" || !Number.isInteger(code)) return invalid('has an "error" without a whole "code"');
  if (typeof message !== "string") return invalid('has an "error" without a "message"');
  return { kind: "error", id, code, message, data };
}

function isRequestId(id: JsonValue | undefined): id is RequestId {
  return typeof id === "string" || typeof id === "number" || typeof id === "bigint";
}

function invalid(reason: string): InvalidMessage {
  return { kind: "invalid", reason };
}
