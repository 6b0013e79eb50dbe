/** Why another token is needed, and for what. */
export interface TokenDemand {
  /**
   * `refused`: there is none, or it is no longer taken. `too-narrow`: it lacks scopes, which renewing does
   * not add (RFC 6749, 6). `expiring`: it is still good; nobody waits, so no user is asked.
   */
  readonly reason: "refused" | "too-narrow" | "expiring";
  /** The MCP endpoint that it is for. */
  readonly url: URL;
  /** Where the challenge says that the resource metadata is. */
  readonly resourceMetadata: string | undefined;
  /** Scopes of the challenge, and of the token before it. */
  readonly scope: string | undefined;
}

export interface ObtainedToken {
  readonly accessToken: string;
  /** Undefined when the authorization server does not say. */
  readonly lifetimeSeconds: number | undefined;
  /** The scopes that were asked for and granted, separated by spaces. */
  readonly scope: string | undefined;
  readonly issuer: string;
}
