import { AppError } from "../../core/errors.ts";
import type { SeenExchange, SeenHttpExchange, SeenMcpExchange, SeenTimes } from "../../core/tool-runner.ts";
import { encodeError } from "../../protocol/json-rpc.ts";
import type { McpReply } from "../../upstreams/mcp/mcp-request.ts";
import type { HttpAnswerTap, McpAnswerTap, TappedHttpRequest, TappedMcpRequest } from "../../upstreams/upstream-tap.ts";
import { BodySample, showText } from "./body-sample.ts";
import { curlOf } from "./curl.ts";
import type { SecretMask } from "../../upstreams/masking/secret-mask.ts";
import { showAnswerHeaders, showSentHeaders } from "./seen-headers.ts";

/** Most exchanges of one call that are kept; retries and redirects count. */
const maxExchanges = 32;

/** What one call sends and gets. Everything in it holds secrets until `show`. */
export class CallRecord {
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #exchanges: (HttpRecord | McpRecord)[] = [];

  constructor(now: () => number) {
    this.#now = now;
    this.#startedAt = now();
  }

  /** Whether anything was sent. */
  get isEmpty(): boolean {
    return this.#exchanges.length === 0;
  }

  http(request: TappedHttpRequest): HttpAnswerTap | undefined {
    return this.#keep(new HttpRecord(request, this.#stopwatch()));
  }

  mcp(request: TappedMcpRequest): McpAnswerTap | undefined {
    return this.#keep(new McpRecord(request, this.#stopwatch()));
  }

  show(mask: SecretMask): SeenExchange[] {
    return this.#exchanges.map((exchange) => exchange.show(mask));
  }

  #keep<Kind extends HttpRecord | McpRecord>(exchange: Kind): Kind | undefined {
    if (this.#exchanges.length >= maxExchanges) return undefined;
    this.#exchanges.push(exchange);
    return exchange;
  }

  #stopwatch(): Stopwatch {
    return new Stopwatch(() => this.#now() - this.#startedAt);
  }
}

class Stopwatch {
  readonly #now: () => number;
  readonly #sentAt: number;
  #answeredAt: number | undefined;
  #endedAt: number | undefined;

  constructor(now: () => number) {
    this.#now = now;
    this.#sentAt = now();
  }

  answered(): void {
    this.#answeredAt ??= this.#now();
  }

  ended(): void {
    this.#endedAt ??= this.#now();
  }

  read(): SeenTimes {
    const endedAt = this.#endedAt ?? this.#now();
    return { sentAt: this.#sentAt, answeredAt: this.#answeredAt ?? endedAt, endedAt };
  }
}

class HttpRecord implements HttpAnswerTap {
  readonly #request: TappedHttpRequest;
  readonly #watch: Stopwatch;
  readonly #body = new BodySample();
  #head: { readonly status: number; readonly headers: Parameters<typeof showAnswerHeaders>[0] } | undefined;
  #failure: string | undefined;

  constructor(request: TappedHttpRequest, watch: Stopwatch) {
    this.#request = request;
    this.#watch = watch;
  }

  answered(status: number, headers: Parameters<typeof showAnswerHeaders>[0]): void {
    this.#watch.answered();
    this.#head = { status, headers };
  }

  received(chunk: Buffer): void {
    this.#body.take(chunk);
  }

  ended(): void {
    this.#watch.ended();
  }

  failed(error: unknown): void {
    this.#watch.ended();
    this.#failure = describe(error);
  }

  show(mask: SecretMask): SeenHttpExchange {
    const { upstream, method, origin, path, headers, body } = this.#request;
    const sent = {
      method,
      url: mask.mask(`${origin}${path}`),
      headers: showSentHeaders(headers, mask),
      body: body === undefined ? undefined : showBody(body, mask),
    };
    return {
      kind: "http",
      upstream,
      ...sent,
      curl: curlOf(sent),
      answer: this.#showAnswer(mask),
      failure: this.#failure === undefined ? undefined : mask.mask(this.#failure),
      ...this.#watch.read(),
    };
  }

  #showAnswer(mask: SecretMask): SeenHttpExchange["answer"] {
    if (this.#head === undefined) return undefined;
    const { status, headers } = this.#head;
    const coding = headers["content-encoding"];
    const isPacked = coding !== undefined && coding !== "" && coding !== "identity";
    return { status, headers: showAnswerHeaders(headers, mask), body: this.#body.show(mask, isPacked) };
  }
}

class McpRecord implements McpAnswerTap {
  readonly #request: TappedMcpRequest;
  readonly #watch: Stopwatch;
  #answer: string | undefined;
  #failure: string | undefined;

  constructor(request: TappedMcpRequest, watch: Stopwatch) {
    this.#request = request;
    this.#watch = watch;
  }

  answered(reply: McpReply): void {
    this.#watch.ended();
    this.#answer = reply.kind === "result" ? `{"jsonrpc":"2.0","result":${reply.text}}` : withoutId(reply.code, reply);
  }

  failed(error: unknown): void {
    this.#watch.ended();
    this.#failure = describe(error);
  }

  show(mask: SecretMask): SeenMcpExchange {
    const { upstream, method, params } = this.#request;
    return {
      kind: "mcp",
      upstream,
      request: showText(`{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":${params}}`, mask),
      answer: this.#answer === undefined ? undefined : showText(this.#answer, mask),
      failure: this.#failure === undefined ? undefined : mask.mask(this.#failure),
      ...this.#watch.read(),
    };
  }
}

function withoutId(code: number, { message, data }: Extract<McpReply, { kind: "error" }>): string {
  return encodeError(undefined, code, message, data).replace('"id":null,', "");
}

function showBody(body: Buffer | string, mask: SecretMask): SeenHttpExchange["body"] {
  if (typeof body === "string") return showText(body, mask);
  const sample = new BodySample();
  sample.take(body);
  return sample.show(mask);
}

/** What other code throws is for the log, but for its code. */
function describe(error: unknown): string {
  if (error instanceof AppError) return error.message;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? `The exchange failed (${code}).` : "The exchange failed.";
}
