import type { CallContext, CallOutcome, CallResult } from "../../core/call.ts";
import { AppError } from "../../core/errors.ts";
import type { Scope } from "../../expressions/template.ts";
import { answerResult } from "./answer-result.ts";
import { failureResult, statusResult } from "./call-results.ts";
import { decodeText, isPlainUtf8, readContentType } from "./content-type.ts";
import { eventFormat, EventSink } from "./event-sink.ts";
import type { HttpToolCall } from "./http-tool-call.ts";
import { LargeText } from "./large-text.ts";
import type { BodySink, Flow, ResponseHead, ResponseReceiver } from "./response.ts";
import { header } from "./response-headers.ts";

export interface ToolReceiverOptions {
  readonly call: HttpToolCall;
  readonly context: CallContext;
  readonly scope: Scope;
  /** What stands for the address of the answer; holds no secret. */
  readonly resourceUri: (head: ResponseHead) => string;
  readonly resolve: (outcome: CallOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** Turns the answer of an exchange into the outcome of a tool call. */
export class ToolReceiver implements ResponseReceiver {
  readonly #options: ToolReceiverOptions;

  constructor(options: ToolReceiverOptions) {
    this.#options = options;
  }

  onHead(head: ResponseHead, _flow: Flow): BodySink | undefined {
    const { call, context, scope } = this.#options;
    if (call.stream === undefined || head.status >= 400) return undefined;
    const format = eventFormat(header(head.headers, "content-type"));
    if (format === undefined) return undefined;
    return new EventSink({
      format,
      plan: call.stream,
      context,
      scope,
      onEnd: (value, json) => this.#settle(() => answerResult(call, scope, { head, value, json })),
      onFailure: (error) => this.onFailure(error),
    });
  }

  onLarge(head: ResponseHead, flow: Flow): BodySink | undefined {
    const { call, context, resolve } = this.#options;
    if (!context.acceptsStream || !call.isVerbatim || head.status >= 300) return undefined;
    // Without a type the whole body decides what it is.
    const contentType = header(head.headers, "content-type");
    if (contentType === undefined) return undefined;
    const type = readContentType(contentType, nothing);
    if ((type.kind !== "json" && type.kind !== "text") || !isPlainUtf8(type)) return undefined;
    const stream = new LargeText(flow);
    resolve(stream);
    return stream;
  }

  onComplete(head: ResponseHead, body: Buffer): void {
    this.#settle(() => {
      const { call, scope, resourceUri } = this.#options;
      const type = readContentType(header(head.headers, "content-type"), body);
      if (head.status < 400) return answerResult(call, scope, { head, body, type, resourceUri });
      const isText = type.kind === "json" || type.kind === "text";
      return statusResult(head.status, isText ? decodeText(body, type) : `[${body.length} bytes of ${type.mimeType}]`);
    });
  }

  onFailure(error: AppError): void {
    if (error.code === "cancelled") this.#options.reject(error);
    else this.#options.resolve(failureResult(error));
  }

  #settle(make: () => CallResult): void {
    const { resolve, reject } = this.#options;
    try {
      resolve(make());
    } catch (error) {
      if (error instanceof AppError) resolve(failureResult(error));
      else reject(error);
    }
  }
}

const nothing = Buffer.alloc(0);
