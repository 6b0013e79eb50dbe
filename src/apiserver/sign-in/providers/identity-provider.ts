/** What a provider says about somebody. */
export interface ProvidedIdentity {
  /** URL that the subject is unique at. */
  readonly issuer: string;
  readonly subject: string;
  /** Only when the provider has verified it; in lower case. */
  readonly verifiedEmail: string | undefined;
  readonly name: string;
}

/** What a browser keeps while it is away at the provider. */
export interface SignInFlow {
  readonly provider: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  /** Path of our site to go to afterwards. */
  readonly returnTo: string;
}

/** Who may come in by a provider. */
export interface ProviderRules {
  /** E-mail domains that are taken, in lower case; all when empty. */
  readonly allowedDomains: readonly string[];
}

/**
 * Somebody else who knows people. Errors: `upstream_failed` when the provider cannot be reached or breaks its
 * protocol, `unauthorized` when it, or the person, says no.
 */
export interface IdentityProvider {
  /** As in addresses: `oidc`, `google`, `github`. */
  readonly id: string;
  /** For people. */
  readonly title: string;
  readonly rules: ProviderRules;
  /** Where the browser goes. */
  authorizationUrl(flow: SignInFlow, redirectUri: string): Promise<string>;
  /** Takes what the browser brings back; `query` is that of our address, with `?`. */
  identify(flow: SignInFlow, redirectUri: string, query: string): Promise<ProvidedIdentity>;
}
