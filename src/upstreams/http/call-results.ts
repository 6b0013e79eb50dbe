import { STATUS_CODES } from "node:http";
import type { CallResult } from "../../core/call.ts";
import type { AppError } from "../../core/errors.ts";

/** Much more of an error page helps no model. */
const maxErrorCharacters = 32_768;

/** A result with one text block. */
export function textResult(text: string): CallResult {
  return { kind: "result", content: `[${textBlock(text)}]`, isError: false, needsFilter: false };
}

/** A result that tells the model what went wrong. */
export function errorResult(text: string): CallResult {
  return { kind: "result", content: `[${textBlock(text)}]`, isError: true, needsFilter: false };
}

/** The sentence of a failure as a result: the model reads it and may do something about it. */
export function failureResult(error: AppError): CallResult {
  return errorResult(error.message);
}

export function textBlock(text: string): string {
  return `{"type":"text","text":${JSON.stringify(text)}}`;
}

/** `HTTP 404 Not Found`. The words are ours: what a backend writes there is not trusted. */
export function statusLine(status: number): string {
  const reason = STATUS_CODES[status];
  return reason === undefined ? `HTTP ${status}` : `HTTP ${status} ${reason}`;
}

/** The result of an error status: the status line and what the body says, cut to a readable length. */
export function statusResult(status: number, body: string): CallResult {
  if (body.trim() === "") return errorResult(statusLine(status));
  const rest = body.length - maxErrorCharacters;
  const shown = rest > 0 ? `${body.slice(0, maxErrorCharacters)}\n[${rest} more characters]` : body;
  return errorResult(`${statusLine(status)}\n\n${shown}`);
}
