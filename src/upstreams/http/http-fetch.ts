import type { HttpRequestConfig } from "../../core/config/request-schema.ts";
import type { AppError } from "../../core/errors.ts";
import type { JsonValue } from "../../core/json.ts";
import type { DocumentPath } from "../../core/problem.ts";
import {
  type CompileScope,
  compileValue,
  type Scope,
  type Template,
  type Variable,
} from "../../expressions/template.ts";
import { responseView, viewBody } from "./body-view.ts";
import { decodeText, readContentType } from "./content-type.ts";
import { compileRequest, type RequestOptions, type RequestPlan } from "./request-plan.ts";
import type { BodySink, ResponseHead, ResponseReceiver } from "./response.ts";
import { header, type ResponseHeaders } from "./response-headers.ts";
import { plainText } from "./wire-text.ts";

/** A request whose answer is the content of a resource, compiled. */
export interface HttpFetchCall {
  readonly request: RequestPlan;
  readonly result: Template<JsonValue | undefined> | undefined;
}

export interface FetchedResource {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** Of the body as it is here: of text without its charset, which is undone. */
  readonly mimeType: string;
  /** Text decoded; everything else as bytes. */
  readonly body: string | Buffer;
}

export interface FetchConfig {
  readonly request: HttpRequestConfig;
  /** The content instead of the body, for answers that are no error. */
  readonly result: JsonValue | undefined;
}

/** Results go to the client, so they see no secrets. */
const fetchVariables: ReadonlySet<Variable> = new Set<Variable>(["args", "request", "principal", "response"]);

/** Compiles the `request` and `result` that stand at `path`. Pure; problems go to `options.report`. */
export function compileHttpFetch(config: FetchConfig, path: DocumentPath, options: RequestOptions): HttpFetchCall {
  const scope: CompileScope = { variables: fetchVariables, ...options };
  return {
    request: compileRequest(config.request, [...path, "request"], options),
    result: config.result === undefined ? undefined : compileValue(config.result, [...path, "result"], scope),
  };
}

export interface FetchReceiverOptions {
  readonly call: HttpFetchCall;
  readonly scope: Scope;
  readonly resolve: (resource: FetchedResource) => void;
  readonly reject: (error: unknown) => void;
}

/** Turns the answer of an exchange into the content of a resource. */
export class FetchReceiver implements ResponseReceiver {
  readonly #options: FetchReceiverOptions;

  constructor(options: FetchReceiverOptions) {
    this.#options = options;
  }

  onHead(): BodySink | undefined {
    return undefined;
  }

  onLarge(): BodySink | undefined {
    return undefined;
  }

  onComplete(head: ResponseHead, body: Buffer): void {
    const { resolve, reject } = this.#options;
    try {
      resolve(this.#read(head, body));
    } catch (error) {
      reject(error);
    }
  }

  onFailure(error: AppError): void {
    this.#options.reject(error);
  }

  #read(head: ResponseHead, body: Buffer): FetchedResource {
    const { call, scope } = this.#options;
    const { status, headers } = head;
    const type = readContentType(header(headers, "content-type"), body);
    if (call.result !== undefined && status < 400) {
      const view = viewBody(body, type);
      const value = call.result.evaluate({ ...scope, response: responseView(head, view.value) }) ?? null;
      const mimeType = typeof value === "string" ? "text/plain" : "application/json";
      return { status, headers, mimeType, body: plainText(value) };
    }
    const isText = type.kind === "json" || type.kind === "text";
    return { status, headers, mimeType: type.mimeType, body: isText ? decodeText(body, type) : body };
  }
}
