import type { CallResult } from "../../core/call.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { stringifyJson } from "../../core/lossless-json.ts";
import type { Scope } from "../../expressions/template.ts";
import { describeViolations } from "../../schemas/json-schema.ts";
import { type BodyView, responseView, singleLine, viewBody } from "./body-view.ts";
import { statusLine, textBlock, textResult } from "./call-results.ts";
import { type ContentType, decodeText } from "./content-type.ts";
import type { HttpToolCall } from "./http-tool-call.ts";
import type { ResponseHead } from "./response.ts";
import { header } from "./response-headers.ts";
import { plainText } from "./wire-text.ts";

/** A whole body as it came. */
export interface RawAnswer {
  readonly head: ResponseHead;
  readonly body: Buffer;
  readonly type: ContentType;
  /** What stands for the address of an answer; holds no secret. */
  readonly resourceUri: (head: ResponseHead) => string;
}

/** What the events of a streaming backend came to. */
export interface StreamedAnswer {
  readonly head: ResponseHead;
  readonly value: JsonValue;
  /** The JSON text that `value` was read from, if it was. */
  readonly json: string | undefined;
}

/**
 * The result of an answer that is no error. Fails with `AppError` when an expression of the tool cannot
 * be evaluated.
 */
export function answerResult(call: HttpToolCall, scope: Scope, answer: RawAnswer | StreamedAnswer): CallResult {
  if ("value" in answer) {
    const { value, json } = answer;
    return shapedResult(call, scope, answer.head, json === undefined ? { value } : { value, json });
  }
  const { head, body, type } = answer;
  return call.isVerbatim ? verbatimResult(call, answer) : shapedResult(call, scope, head, viewBody(body, type));
}

/** The hot path: the body becomes content without being looked into. */
function verbatimResult(call: HttpToolCall, { head, body, type, resourceUri }: RawAnswer): CallResult {
  if (body.length === 0) return textResult(emptyText(call, head));
  switch (type.kind) {
    case "json":
    case "text": {
      const text = decodeText(body, type);
      // A redirect that is not followed says where it leads; its page rarely does.
      return textResult(head.status < 300 ? text : `${emptyText(call, head)}\n\n${text}`);
    }
    case "image":
    case "audio":
      return {
        kind: "result",
        content: `[{"type":"${type.kind}","data":"${body.toString("base64")}","mimeType":${JSON.stringify(type.mimeType)}}]`,
        isError: false,
        needsFilter: type.kind === "audio",
      };
    case "binary": {
      const resource = `{"uri":${JSON.stringify(resourceUri(head))},"mimeType":${JSON.stringify(type.mimeType)},"blob":"${body.toString("base64")}"}`;
      return {
        kind: "result",
        content: `[{"type":"resource","resource":${resource}}]`,
        isError: false,
        needsFilter: false,
      };
    }
  }
}

/** What there is to say about an answer without a body; for HEAD and redirects the headers are the answer. */
function emptyText(call: HttpToolCall, { status, headers }: ResponseHead): string {
  const line = statusLine(status);
  if (call.request.method === "HEAD") {
    const shown = Object.keys(headers).filter((name) => name !== "set-cookie");
    return [line, ...shown.map((name) => `${name}: ${header(headers, name) ?? ""}`)].join("\n");
  }
  const location = header(headers, "location");
  if (status >= 300 && location !== undefined) return `${line}, location: ${location}`;
  return status === 204 ? "HTTP 204, no content" : `${line}, no content`;
}

/** The way of tools with `result`, `content` or `output`, and of streams. */
function shapedResult(call: HttpToolCall, scope: Scope, head: ResponseHead, body: BodyView): CallResult {
  const withResponse: Scope = { ...scope, response: responseView(head, body.value) };
  const value = call.result === undefined ? body.value : (call.result.evaluate(withResponse) ?? null);
  // The text that came is passed on as it is, unless an expression made something else of it.
  const json = call.result === undefined && body.json !== undefined ? singleLine(body.json) : undefined;
  const blocks =
    call.content === undefined
      ? [defaultBlock(call, head, value, json === undefined ? undefined : body.json)]
      : call.content.map((make) => stringifyJson(make(withResponse) satisfies JsonObject));
  const violations = call.output?.check(value);
  if (violations !== undefined) blocks.unshift(textBlock(mismatchText(head, describeViolations(violations))));
  const isFitting = call.output !== undefined && violations === undefined;
  return {
    kind: "result",
    content: `[${blocks.join(",")}]`,
    ...(isFitting ? { structured: json ?? stringifyJson(value) } : {}),
    isError: violations !== undefined,
    needsFilter: call.needsFilter,
  };
}

function defaultBlock(call: HttpToolCall, head: ResponseHead, value: JsonValue, raw: string | undefined): string {
  if (value === null && raw === undefined && call.result === undefined) return textBlock(emptyText(call, head));
  return textBlock(raw ?? plainText(value));
}

/**
 * A result that does not fit its schema is marked as an error and carries no structuredContent. Clients
 * of the official SDKs throw a successful result away when its structuredContent does not fit the schema,
 * and also when it has none; an error is the one form in which the result reaches the model. The text
 * says that the call itself went well, so that nothing is done twice.
 */
function mismatchText(head: ResponseHead, violations: string): string {
  return (
    `Warning: the call succeeded (${statusLine(head.status)}), but its result does not fit the output schema ` +
    `of the tool. Calling again will not change that. The result follows below.\n${violations}`
  );
}
