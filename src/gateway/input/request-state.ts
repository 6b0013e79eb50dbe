import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { AppError } from "../../core/errors.ts";
import { canonicalJson } from "../../core/canonical-json.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";

/** What the gateway remembers by way of the client between two rounds of a request of 2026-07-28. */
export type RequestState =
  /** The call is under way at the upstream and waits for answers. */
  | { readonly kind: "parked"; readonly id: string }
  /** Nothing was called yet: the user is asked whether it may be. */
  | { readonly kind: "confirm" }
  /** The upstream has asked by itself; `state` is its own, undefined when it gave none. */
  | { readonly kind: "asked"; readonly upstream: string; readonly state: string | undefined }
  /** The upstream wants the user to open URLs before it is called again. */
  | { readonly kind: "visited" };

/** What a state is bound to: it counts for nobody else and for no other request. */
export interface RequestBinding {
  readonly principalId: string;
  readonly serverKey: string;
  readonly method: string;
  readonly params: JsonObject;
}

const version = "gw1";
/** A member that may differ between the rounds of one request. */
const roundMembers: ReadonlySet<string> = new Set(["_meta", "requestState", "inputResponses"]);

/**
 * Writes and reads `requestState`: `gw1.<content>.<signature>`, both base64url. Signed, not secret. The
 * signature (HMAC-SHA256) covers the text itself, so that there is exactly one spelling of a state, and
 * everything it is bound to: principal, server, method and parameters.
 */
export class RequestStates {
  readonly #key: Buffer;
  readonly #now: () => number;

  /**
   * @param key at least 32 random bytes
   * @param now milliseconds since 1970
   */
  constructor(key: Buffer, now: () => number) {
    this.#key = key;
    this.#now = now;
  }

  write(state: RequestState, binding: RequestBinding, ttlMs: number): string {
    const content = Buffer.from(JSON.stringify({ ...state, expiresAt: this.#now() + ttlMs })).toString("base64url");
    return `${version}.${content}.${this.#sign(content, binding)}`;
  }

  /** @throws AppError `invalid_params` when the state was not written for this request, or has expired. */
  read(text: JsonValue, binding: RequestBinding): RequestState {
    const [given, content, signature, ...rest] = typeof text === "string" ? text.split(".") : [];
    if (given !== version || content === undefined || signature === undefined || rest.length > 0) throw foreign();
    if (!isSame(signature, this.#sign(content, binding))) throw foreign();
    // Signed by this process: it is what `write` wrote.
    const state = JSON.parse(Buffer.from(content, "base64url").toString()) as RequestState & { expiresAt: number };
    if (state.expiresAt > this.#now()) return state;
    throw new AppError("invalid_params", "params.requestState has expired; send the request again without it.");
  }

  #sign(content: string, { principalId, serverKey, method, params }: RequestBinding): string {
    const bound = [principalId, serverKey, method, digestOf(params)];
    return createHmac("sha256", this.#key)
      .update(`${version}.${content}\n${JSON.stringify(bound)}`)
      .digest("base64url");
  }
}

/** Compared as text, so that no second spelling of the same bytes passes. */
function isSame(given: string, expected: string): boolean {
  const bytes = Buffer.from(given);
  const wanted = Buffer.from(expected);
  return bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
}

function foreign(): AppError {
  return new AppError(
    "invalid_params",
    "params.requestState is not one that was given for this request: send it back unchanged, as the same caller, with the same params.",
  );
}

/** The same for equal parameters, whatever the order of their members. */
function digestOf(params: JsonObject): string {
  const members = Object.entries(params).filter(([key]) => !roundMembers.has(key));
  return createHash("sha256")
    .update(canonicalJson(Object.fromEntries(members)))
    .digest("base64url");
}
