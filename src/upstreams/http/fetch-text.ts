import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { promisify } from "node:util";
import type { Dispatcher } from "undici";
import { AppError } from "../../core/errors.ts";
import { programVersion } from "../../version.ts";
import { EgressGuard, type EgressGuardOptions } from "../egress-guard.ts";
import type { Carried, CarriedOptions, Connection } from "../socket/connection.ts";
import { errorCode } from "./failure.ts";
import { OriginPools } from "./origin-pools.ts";
import { isRedirect, redirected } from "./redirect.ts";
import { header, type ResponseHeaders } from "./response-headers.ts";

export interface FetchTextOptions {
  /** Judges every address, also those that redirects lead to. */
  readonly egress: EgressGuardOptions;
  /** Sent to the origin of the URL, not where redirects lead from there. */
  readonly headers: Readonly<Record<string, string>>;
  readonly maxBytes: number;
  /** For all of it, redirects included. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Most redirects that are followed. */
const maxRedirects = 5;
const connectTimeoutMs = 10_000;

/**
 * Gets a text from a URL that somebody named: through the egress guard, bounded in size and time. Only an answer of
 * 200 counts. Rejects with `AppError`: `upstream_failed`, `timed_out`, `payload_too_large` or `cancelled`.
 */
export async function fetchText(address: string, options: FetchTextOptions): Promise<string> {
  const url = new URL(address);
  const pools = new OriginPools({
    origin: url.origin,
    connections: 1,
    connectTimeoutMs,
    guard: new EgressGuard(options.egress),
    proxy: undefined,
    loadTls: () => ({}),
  });
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
  try {
    return await follow(url, pools, options, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    if (!deadline.aborted) throw new AppError("cancelled", `Getting ${url.href} was cancelled.`, { cause: error });
    throw new AppError("timed_out", `${url.href} did not answer within ${options.timeoutMs} ms.`, { cause: error });
  } finally {
    await pools.close(0);
  }
}

async function follow(url: URL, pools: OriginPools, options: FetchTextOptions, signal: AbortSignal): Promise<string> {
  let request = {
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: "GET" as const,
    headers: requestHeaders(options.headers),
    body: undefined,
    takesToken: false,
    isIdempotent: true,
  };
  for (let hops = 0; ; hops++) {
    const place = `${request.origin}${request.path}`;
    const answer = await new Promise<Answer>((resolve, reject) => {
      new TextTurn({ place, maxBytes: options.maxBytes, signal, resolve, reject }).start(pools, request);
    });
    const location = header(answer.headers, "location");
    if (!isRedirect(answer.status, location)) return readAnswer(answer, place, options.maxBytes);
    if (hops === maxRedirects) throw failed(place, `leads on by more than ${maxRedirects} redirects`);
    const next = redirected(request, answer.status, location);
    request = { ...request, origin: next.origin, path: next.path, headers: [...next.headers] };
  }
}

function requestHeaders(headers: Readonly<Record<string, string>>): string[] {
  const own = {
    accept: "application/json, application/yaml, text/yaml, */*;q=0.5",
    "accept-encoding": "gzip, deflate, br",
    "user-agent": `passerelle/${programVersion()}`,
  };
  const names = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return Object.entries({ ...own, ...names }).flat();
}

async function readAnswer({ status, headers, body }: Answer, place: string, maxBytes: number): Promise<string> {
  if (status !== 200) {
    const mend = status === 401 || status === 403 ? "; it may want a header that says who asks" : "";
    throw failed(place, `answers with status ${status}${mend}`);
  }
  const encoding = header(headers, "content-encoding") ?? "identity";
  const decode = decoders.get(encoding.toLowerCase());
  if (decode === undefined) throw failed(place, `answers with the encoding ${encoding}, which is not read`);
  try {
    return (await decode(body, { maxOutputLength: maxBytes })).toString("utf8");
  } catch (error) {
    if (errorCode(error) === "ERR_BUFFER_TOO_LARGE") throw tooLarge(place, maxBytes);
    throw failed(place, "answers with a body that cannot be decompressed", error);
  }
}

type Decode = (body: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

const decoders: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ["identity", async (body) => body],
  ["gzip", promisify(gunzip) as Decode],
  ["x-gzip", promisify(gunzip) as Decode],
  ["deflate", promisify(inflate) as Decode],
  ["br", promisify(brotliDecompress) as Decode],
]);

interface Answer {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: Buffer;
}

interface TurnOptions {
  readonly place: string;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: AppError) => void;
}

/** One request and its collected answer. Settles exactly once. */
class TextTurn implements Dispatcher.DispatchHandler, Carried {
  readonly #options: TurnOptions;
  #connection: Connection | undefined;
  #isSettled = false;
  #status = 0;
  #headers: ResponseHeaders = {};
  readonly #chunks: Buffer[] = [];
  #size = 0;

  constructor(options: TurnOptions) {
    this.#options = options;
  }

  start(pools: OriginPools, { origin, path, headers }: { origin: string; path: string; headers: string[] }): void {
    this.#options.signal.addEventListener("abort", this.#onAbort, { once: true });
    if (this.#options.signal.aborted) return this.#onAbort();
    const options: CarriedOptions = { method: "GET", path, headers, body: null, carried: this, reset: true };
    try {
      pools.get(origin).dispatch(options, this);
    } catch (error) {
      this.#fail(failed(this.#options.place, "cannot be asked", error));
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
    if (this.#size <= this.#options.maxBytes) this.#chunks.push(chunk);
    else this.#fail(tooLarge(this.#options.place, this.#options.maxBytes));
  }

  onResponseEnd(): void {
    if (this.#isSettled) return;
    this.#settle();
    this.#options.resolve({ status: this.#status, headers: this.#headers, body: Buffer.concat(this.#chunks) });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (error instanceof AppError) this.#fail(error);
    else this.#fail(failed(this.#options.place, `could not be asked (${errorCode(error) || "no code"})`, error));
  }

  readonly #onAbort = (): void => this.#fail(new AppError("cancelled", `Getting ${this.#options.place} was cut off.`));

  #fail(error: AppError): void {
    if (this.#isSettled) return;
    this.#settle();
    this.#connection?.cut();
    this.#options.reject(error);
  }

  #settle(): void {
    this.#isSettled = true;
    this.#options.signal.removeEventListener("abort", this.#onAbort);
  }
}

function failed(place: string, what: string, cause?: unknown): AppError {
  return new AppError("upstream_failed", `${place} ${what}.`, cause === undefined ? {} : { cause });
}

function tooLarge(place: string, maxBytes: number): AppError {
  return new AppError("payload_too_large", `${place} has more than ${Math.floor(maxBytes / 1_048_576)} MB.`);
}
