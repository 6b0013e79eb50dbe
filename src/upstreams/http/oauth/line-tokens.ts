import { AppError } from "../../../core/errors.ts";
import { readChallenge } from "../../oauth/challenge.ts";
import type { RenewingTokenSource } from "../../oauth/renewing-token-source.ts";
import type { OutgoingRequest } from "../outgoing-request.ts";

/** Who waits for a token. Exactly one of these is called per `wait`, and never before `wait` has returned. */
export interface TokenWaiter {
  tokenCame(): void;
  tokenFailed(error: AppError): void;
}

export interface LineTokensOptions {
  readonly source: RenewingTokenSource;
  /** The API. */
  readonly url: URL;
  /** For messages: "upstreams.crm.oauth". */
  readonly key: string;
}

/** The tokens of one REST upstream, as its exchanges need them: at once where there is one, else by callback. */
export class LineTokens {
  readonly #options: LineTokensOptions;

  constructor(options: LineTokensOptions) {
    this.#options = options;
  }

  /** Whether a call can be sent without waiting. */
  isReady(): boolean {
    return this.#options.source.isReady();
  }

  /** The token to send now; renews it in the background when it is about to expire. */
  current(): string | undefined {
    return this.#options.source.current();
  }

  /**
   * Gets the first token, or another one; all who wait share one request.
   *
   * @param refused the token that the API did not take; without it the one that is held
   */
  wait(waiter: TokenWaiter, refused: string | undefined = this.#options.source.latest): void {
    this.#renew(refused).then(
      () => waiter.tokenCame(),
      (error: unknown) => waiter.tokenFailed(this.#asAppError(error)),
    );
  }

  /** Gets another token than this one for the calls to come; nobody waits. */
  replace(refused: string): void {
    // The failure is kept for whoever needs the next token.
    this.#renew(refused).catch(() => undefined);
  }

  /** Requests for tokens under way fail. May be called twice. */
  close(): Promise<void> {
    return this.#options.source.close();
  }

  async #renew(token: string | undefined): Promise<void> {
    const { source, url, key } = this.#options;
    // Scopes are the document's: what a challenge asks for does not widen them.
    if (await source.renew({ url, status: 401, challenge: undefined, token })) return;
    throw new AppError(
      "upstream_failed",
      `\`${key}\`: the API refuses tokens that were made just now (HTTP 401). Check \`scopes\`, \`audience\` and \`resource\`, and whether the API takes tokens of \`tokenUrl\`.`,
    );
  }

  #asAppError(cause: unknown): AppError {
    if (cause instanceof AppError) return cause;
    return new AppError("upstream_failed", `\`${this.#options.key}\`: no token could be got.`, { cause });
  }
}

/**
 * Whether a request that was answered with 401 may be sent again with another token: it is idempotent, or
 * the API says that the token was at fault, and then it has done nothing (RFC 6750, 3.1).
 */
export function mayRepeatRefused({ isIdempotent }: OutgoingRequest, challenge: string | undefined): boolean {
  return isIdempotent || readChallenge(challenge).error === "invalid_token";
}
