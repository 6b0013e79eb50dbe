import { ApiError } from "./api-error.ts";
import { addressOf, type CallParts, headersOf, makeIdempotencyKey } from "./api-request.ts";
import type { Answer, AnswerBody, InputArguments, OperationId } from "./operation-types.ts";
import { operationPlaces, type Problem } from "./operations.generated.ts";

export interface ApiClientOptions {
  /** Where the apiserver is; without it, where the page comes from. */
  readonly url?: string;
  /** Sends requests; without it the browser's own. Tests give one that keeps cookies. */
  readonly fetch?: typeof fetch;
  /** Called when an operation answers that nobody is signed in (any more). The call rejects all the same. */
  readonly onSignedOut?: () => void;
}

/** Where an operation lies, as the generated table has it. */
interface Place {
  readonly method: string;
  readonly path: string;
  readonly isPublic?: true;
  readonly isCreation?: true;
}

/**
 * The API of the control plane, typed by its description. A sign-in is a cookie that scripts cannot read; the token that
 * changes need besides is taken from what the API answers and held here alone, so calls may overlap.
 *
 * Every method rejects with an `ApiError`, or with the reason of `signal`.
 */
export class ApiClient {
  readonly #url: string;
  readonly #fetch: typeof fetch;
  readonly #onSignedOut: () => void;
  #csrfToken: string | undefined;

  constructor({ url = "", fetch: send = (input, init) => fetch(input, init), onSignedOut }: ApiClientOptions = {}) {
    this.#url = url;
    this.#fetch = send;
    this.#onSignedOut = onSignedOut ?? (() => undefined);
  }

  /** The body of a good answer. */
  async call<Id extends OperationId>(id: Id, ...input: InputArguments<Id>): Promise<AnswerBody<Id>> {
    const { body } = await this.#answer(id, partsOf(input));
    return body as AnswerBody<Id>; // the apiserver is tested against its description
  }

  /** A good answer with status and ETag. */
  async request<Id extends OperationId>(id: Id, ...input: InputArguments<Id>): Promise<Answer<Id>> {
    return (await this.#answer(id, partsOf(input))) as Answer<Id>; // as above
  }

  /** A good answer whose body is read by the caller: a stream, or another media type by the header `accept`. */
  open<Id extends OperationId>(id: Id, accept: string, ...input: InputArguments<Id>): Promise<Response> {
    const parts = partsOf(input);
    return this.#send(id, { ...parts, headers: { ...parts.headers, accept } });
  }

  async #answer(
    id: OperationId,
    parts: CallParts,
  ): Promise<{ status: number; body: unknown; etag: string | undefined }> {
    const response = await this.#send(id, parts);
    const body = await readJson(response, parts.signal);
    this.#learn(body);
    return { status: response.status, body, etag: response.headers.get("etag") ?? undefined };
  }

  async #send(id: OperationId, parts: CallParts): Promise<Response> {
    const place: Place = operationPlaces[id];
    const headers = headersOf(parts);
    if (place.isCreation === true && !headers.has("idempotency-key"))
      headers.set("idempotency-key", makeIdempotencyKey());
    const isChange = place.method !== "GET" && place.isPublic !== true;
    if (isChange && this.#csrfToken === undefined) await this.#renewToken(parts.signal);
    let response = await this.#transmit(place, parts, headers);
    if (isChange && response.status === 403 && (await this.#hasNewToken(response, parts.signal)))
      response = await this.#transmit(place, parts, headers);
    if (response.ok || response.status === 304) return response;
    const error = await readError(response);
    if (response.status === 401 && place.isPublic !== true) {
      this.#csrfToken = undefined;
      this.#onSignedOut();
    }
    throw error;
  }

  async #transmit(place: Place, parts: CallParts, headers: Headers): Promise<Response> {
    if (place.method !== "GET" && this.#csrfToken !== undefined) headers.set("x-csrf-token", this.#csrfToken);
    const send = (): Promise<Response> =>
      this.#fetch(this.#url + addressOf(place.path, parts), {
        method: place.method,
        headers,
        credentials: "same-origin",
        ...(parts.signal === undefined ? {} : { signal: parts.signal }),
        ...(parts.body === undefined ? {} : { body: JSON.stringify(parts.body) }),
      });
    try {
      // With its key a creation that was answered into the void is answered again, and made once.
      return await (place.isCreation === true ? send().catch(() => (parts.signal?.throwIfAborted(), send())) : send());
    } catch (cause) {
      parts.signal?.throwIfAborted();
      throw new ApiError(0, undefined, { cause });
    }
  }

  /** Another tab may have signed in anew: then the token of before is refused, and the one of now is not. */
  async #hasNewToken(refusal: Response, signal: AbortSignal | undefined): Promise<boolean> {
    const { problem } = await readError(refusal.clone());
    if (problem === undefined || problem["permission"] !== undefined) return false;
    const before = this.#csrfToken;
    await this.#renewToken(signal);
    return this.#csrfToken !== before;
  }

  async #renewToken(signal: AbortSignal | undefined): Promise<void> {
    await this.#answer("getMe", { signal });
  }

  /** Whatever tells who is signed in tells the token too. */
  #learn(body: unknown): void {
    if (typeof body === "object" && body !== null && "csrfToken" in body && typeof body.csrfToken === "string")
      this.#csrfToken = body.csrfToken;
  }
}

/** The types of an operation have done their work; on the wire all calls are alike. */
function partsOf([input]: readonly [CallParts?]): CallParts {
  return input ?? {};
}

async function readJson(response: Response, signal: AbortSignal | undefined): Promise<unknown> {
  try {
    const text = await response.text();
    return text === "" ? undefined : JSON.parse(text);
  } catch (cause) {
    signal?.throwIfAborted();
    throw new ApiError(0, undefined, { cause });
  }
}

async function readError(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
  const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json") === true;
  const body = isProblem ? await readJson(response, undefined) : undefined;
  const retryAfterSeconds = Number.isFinite(retryAfter) ? retryAfter : undefined;
  return new ApiError(response.status, body as Problem | undefined, { retryAfterSeconds }); // the media type says so
}
