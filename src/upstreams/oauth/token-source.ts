/** Why a server refused a request. */
export interface TokenRefusal {
  /** What was asked for. */
  readonly url: URL;
  /** 401, or 403 with `insufficient_scope`. */
  readonly status: number;
  /** The `WWW-Authenticate` header. */
  readonly challenge: string | undefined;
  /** The token that was refused; undefined when none was sent. */
  readonly token: string | undefined;
}

/** Bearer tokens for one upstream and one identity, got when they are needed. Calls may overlap; renewals are made once for all. */
export interface TokenSource {
  /** The token to send now; undefined when there is none yet. Renews in the background what is about to expire. */
  current(): string | undefined;
  /**
   * Gets another token after a refusal. Resolves with whether the request is worth repeating; false
   * after the same refusal of a fresh token. Rejects with `AppError("upstream_failed")` that says what
   * the authorization server wants, without secrets.
   */
  renew(refusal: TokenRefusal): Promise<boolean>;
  /** Ends renewals under way, which reject. May be called twice. */
  close(): Promise<void>;
}
