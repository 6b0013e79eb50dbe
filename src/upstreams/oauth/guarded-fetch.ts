import type { Dispatcher } from "undici";
import { AppError } from "../../core/errors.ts";
import { EgressRefusal } from "../egress-guard.ts";
import { errorCode } from "../http/failure.ts";
import type { OriginPools } from "../http/origin-pools.ts";
import { header, type ResponseHeaders } from "../http/response-headers.ts";
import type { Carried, CarriedOptions, Connection } from "../socket/connection.ts";

/** The part of `fetch` that OAuth needs. Redirects are answers: who asked decides whether to follow. */
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

export interface GuardedFetchOptions {
  /** Their guard judges every address. */
  readonly pools: OriginPools;
  /** Origin of the upstream, which may be plain http: when the document says so. */
  readonly ownOrigin: string;
  /** For messages: "upstreams.files.oauth". */
  readonly key: string;
  readonly timeoutMs: number;
}

/** Metadata and tokens are small; what is larger is none. */
const mostBytes = 262_144;

/**
 * `fetch` for metadata and tokens: through the egress guard, over https: (http: to this machine and to
 * the upstream itself), bounded in size and time. Rejects with `AppError("upstream_failed")`.
 */
export function guardedFetch(options: GuardedFetchOptions): Fetch {
  return async (address, init = {}) => {
    const url = new URL(address);
    const refusal = judge(url, options);
    if (refusal !== undefined) throw refusal;
    return new Promise((resolve, reject) => new FetchTurn(url, options, resolve, reject).start(init));
  };
}

/** Whether credentials may go there: over https:, or where nobody can listen that does not hear the upstream too. */
export function mayBeAsked(url: URL, ownOrigin: string): boolean {
  const isPlainAllowed = url.origin === ownOrigin || isLoopback(url.hostname);
  const isAllowed = url.protocol === "https:" || (url.protocol === "http:" && isPlainAllowed);
  return isAllowed && url.username === "" && url.password === "";
}

function judge(url: URL, { ownOrigin, key }: GuardedFetchOptions): AppError | undefined {
  if (mayBeAsked(url, ownOrigin)) return undefined;
  return new AppError(
    "upstream_failed",
    `\`${key}\`: \`${url.origin}\` is not asked for metadata or tokens; its address must be https: without user name and password.`,
  );
}

/** Names of this machine, which need no TLS (RFC 8252, 7.3; RFC 6761, 6.3). */
function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "127.0.0.1" || hostname === "[::1]"
  );
}

/** One request and its collected answer. Settles exactly once. */
class FetchTurn implements Dispatcher.DispatchHandler, Carried {
  readonly #url: URL;
  readonly #options: GuardedFetchOptions;
  readonly #resolve: (response: Response) => void;
  readonly #reject: (error: AppError) => void;
  #timer: NodeJS.Timeout | undefined;
  #connection: Connection | undefined;
  #isSettled = false;
  #status = 0;
  #headers: ResponseHeaders = {};
  readonly #chunks: Buffer[] = [];
  #size = 0;

  constructor(
    url: URL,
    options: GuardedFetchOptions,
    resolve: (response: Response) => void,
    reject: (error: AppError) => void,
  ) {
    this.#url = url;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(init: RequestInit): void {
    const { pools, timeoutMs } = this.#options;
    this.#timer = setTimeout(() => this.#fail(`did not answer within ${timeoutMs} ms`), timeoutMs);
    const options: CarriedOptions = {
      method: init.method === "POST" ? "POST" : "GET",
      path: `${this.#url.pathname}${this.#url.search}`,
      headers: requestHeaders(init),
      // The library sends forms and JSON text only.
      body: init.body instanceof URLSearchParams || typeof init.body === "string" ? String(init.body) : null,
      carried: this,
      // Requests are minutes apart; no socket is kept for them.
      reset: true,
    };
    try {
      pools.get(this.#url.origin).dispatch(options, this);
    } catch (error) {
      this.#failWith(error);
    }
  }

  carriedBy(connection: Connection): void {
    this.#connection = connection;
  }

  onRequestStart(): void {
    // Throwing drops the request before it is written.
    if (this.#isSettled) throw new Error("The request ended before it was sent.");
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size <= mostBytes) this.#chunks.push(chunk);
    else this.#fail(`answered with more than ${mostBytes} bytes`);
  }

  /** What is thrown here comes back as `onResponseError`. */
  onResponseEnd(): void {
    if (this.#isSettled) return;
    if (this.#status < 200 || this.#status > 599) return this.#fail(`answered with status ${this.#status}`);
    const headers = new Headers();
    for (const name of ["content-type", "location"]) {
      const value = header(this.#headers, name);
      if (value !== undefined) headers.set(name, value);
    }
    const hasBody = this.#status !== 204 && this.#status !== 205 && this.#status !== 304;
    const body = hasBody ? Buffer.concat(this.#chunks).toString("utf8") : null;
    const response = new Response(body, { status: this.#status, headers });
    this.#settle();
    this.#resolve(response);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#failWith(error);
  }

  #failWith(error: unknown): void {
    if (this.#isSettled) return;
    if (!(error instanceof AppError)) return this.#fail(`could not be asked (${errorCode(error) || "no code"})`, error);
    this.#settle();
    this.#reject(
      error instanceof EgressRefusal ? error : new AppError("upstream_failed", error.message, { cause: error }),
    );
  }

  #fail(what: string, cause?: unknown): void {
    if (this.#isSettled) return;
    this.#settle();
    this.#connection?.cut();
    const { key } = this.#options;
    const message = `\`${key}\`: \`${this.#url.origin}\` ${what}.`;
    this.#reject(new AppError("upstream_failed", message, cause === undefined ? {} : { cause }));
  }

  #settle(): void {
    this.#isSettled = true;
    clearTimeout(this.#timer);
  }
}

function requestHeaders(init: RequestInit): string[] {
  const headers = new Headers(init.headers);
  headers.set("user-agent", "passerelle");
  headers.set("accept-encoding", "identity");
  if (init.body instanceof URLSearchParams) headers.set("content-type", "application/x-www-form-urlencoded");
  return [...headers].flat();
}
