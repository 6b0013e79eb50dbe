import { AppError } from "../../core/errors.ts";
import type { Scope, Template } from "../../expressions/template.ts";
import type { EncodedBody } from "./body-plan.ts";
import { composed, fixedValue } from "./fixed-template.ts";
import type { HeaderEntry } from "./header-plan.ts";
import type { OutgoingRequest } from "./outgoing-request.ts";
import type { RequestPlan } from "./request-plan.ts";

/** What an upstream adds to every request, with its secrets filled in. */
export interface RequestBase {
  readonly origin: string;
  readonly path: string;
  readonly query: Template<string>;
  /** Later entries replace earlier ones of the same name. */
  readonly headers: readonly HeaderEntry[];
  /** Whether requests without an `authorization` of their own are sent with a token. */
  readonly hasTokens: boolean;
  readonly maxRequestBytes: number;
  /** Key of the upstream in the document. */
  readonly key: string;
  /** Makes a multipart boundary that no content can guess. */
  readonly boundary: () => string;
}

/**
 * Writes the requests of one call for one upstream. All that is the same for every call is put together
 * once: the target when it is fixed, and the headers as one flat list that calls share.
 */
export class RequestWriter {
  readonly #base: RequestBase;
  readonly #plan: RequestPlan;
  readonly #target: Template<string>;
  readonly #fixedHeaders: readonly string[];
  readonly #headersOfCall: readonly HeaderEntry[];
  readonly #takesToken: boolean;
  readonly #cookie: Template<string | undefined> | undefined;
  readonly #contentType: Template<string | undefined> | undefined;

  constructor(base: RequestBase, plan: RequestPlan) {
    this.#base = base;
    this.#plan = plan;
    this.#target = targetTemplate(base, plan);
    const entries = new Map([...base.headers, ...plan.headers].map((entry) => [entry.name, entry.value]));
    this.#takesToken = base.hasTokens && !entries.has("authorization");
    this.#contentType = entries.get("content-type");
    this.#cookie = cookieTemplate(entries.get("cookie"), plan.cookies);
    entries.delete("content-type");
    entries.delete("cookie");
    const fixedHeaders: string[] = [];
    const headersOfCall: HeaderEntry[] = [];
    for (const [name, value] of entries) {
      if (!value.constant) headersOfCall.push({ name, value });
      else pushHeader(fixedHeaders, name, fixedValue(value));
    }
    this.#fixedHeaders = fixedHeaders;
    this.#headersOfCall = headersOfCall;
  }

  /**
   * Fails with `AppError`: `invalid_params` when an argument cannot be sent, `payload_too_large` when the
   * body is too large, `invalid_configuration` when a secret is missing.
   */
  write(scope: Scope): OutgoingRequest {
    const { method, isIdempotent } = this.#plan;
    const body = this.#plan.body?.(scope, this.#base.boundary);
    if (body !== undefined) this.#checkSize(body);
    return {
      method,
      origin: this.#base.origin,
      path: this.#target.evaluate(scope),
      headers: this.#headers(scope, body),
      takesToken: this.#takesToken,
      body: body?.content,
      isIdempotent,
    };
  }

  #headers(scope: Scope, body: EncodedBody | undefined): readonly string[] {
    const hasOwnHeaders =
      body !== undefined ||
      this.#headersOfCall.length > 0 ||
      this.#cookie !== undefined ||
      this.#contentType !== undefined;
    if (!hasOwnHeaders) return this.#fixedHeaders;
    const headers = this.#fixedHeaders.slice();
    for (const { name, value } of this.#headersOfCall) pushHeader(headers, name, value.evaluate(scope));
    pushHeader(headers, "cookie", this.#cookie?.evaluate(scope));
    const configuredType = body?.isTypeFixed === true ? undefined : this.#contentType?.evaluate(scope);
    pushHeader(headers, "content-type", configuredType ?? body?.contentType);
    return headers;
  }

  #checkSize({ content }: EncodedBody): void {
    const { maxRequestBytes, key } = this.#base;
    // A character takes at most three bytes of UTF-8, so short texts need not be measured.
    if (content.length * 3 <= maxRequestBytes) return;
    const bytes = typeof content === "string" ? Buffer.byteLength(content) : content.length;
    if (bytes <= maxRequestBytes) return;
    throw new AppError(
      "payload_too_large",
      `The request body would be ${bytes} bytes; \`${key}.maxRequestBytes\` allows ${maxRequestBytes}.`,
    );
  }
}

function pushHeader(headers: string[], name: string, value: string | undefined): void {
  if (value !== undefined) headers.push(name, value);
}

function targetTemplate(base: RequestBase, plan: RequestPlan): Template<string> {
  return composed([plan.path, base.query, plan.query], (scope) => {
    const path = base.path + plan.path.evaluate(scope);
    const shared = base.query.evaluate(scope);
    const own = plan.query.evaluate(scope);
    const query = shared === "" || own === "" ? shared + own : `${shared}&${own}`;
    const rooted = path === "" ? "/" : path;
    return query === "" ? rooted : `${rooted}?${query}`;
  });
}

/** One header for all cookies (RFC 6265, 5.4): a configured `cookie` header, then the single cookies. */
function cookieTemplate(
  header: Template<string | undefined> | undefined,
  pairs: readonly Template<string | undefined>[],
): Template<string | undefined> | undefined {
  const parts = header === undefined ? pairs : [header, ...pairs];
  if (parts.length === 0) return undefined;
  return composed(parts, (scope) => {
    const cookies = parts.map((part) => part.evaluate(scope)).filter((cookie) => cookie !== undefined);
    return cookies.length === 0 ? undefined : cookies.join("; ");
  });
}
