import * as openid from "openid-client";
import { AppError } from "../../../core/errors.ts";
import type { IdentityProvider, ProvidedIdentity, ProviderRules, SignInFlow } from "./identity-provider.ts";

export interface OpenIdOptions {
  readonly id: string;
  readonly title: string;
  /** `https:`; `http:` on the loopback address alone. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly rules: ProviderRules;
}

const timeoutSeconds = 10;
/** What the provider said about itself is asked again after this time. */
const rediscoverMs = 3_600_000;

/** Any provider that speaks OpenID Connect, by the authorization code flow with PKCE and nonce. */
export class OpenIdProvider implements IdentityProvider {
  readonly id: string;
  readonly title: string;
  readonly rules: ProviderRules;
  readonly #options: OpenIdOptions;
  readonly #now: () => number;
  #discovered: { readonly at: number; readonly configuration: Promise<openid.Configuration> } | undefined;

  /** @throws AppError `invalid_configuration` for an issuer that is no HTTPS address */
  constructor(options: OpenIdOptions, now: () => number = Date.now) {
    requireSecure(options.issuer);
    this.id = options.id;
    this.title = options.title;
    this.rules = options.rules;
    this.#options = options;
    this.#now = now;
  }

  async authorizationUrl(flow: SignInFlow, redirectUri: string): Promise<string> {
    const url = openid.buildAuthorizationUrl(await this.#configuration(), {
      redirect_uri: redirectUri,
      scope: "openid email profile",
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(flow.codeVerifier),
      code_challenge_method: "S256",
    });
    return url.href;
  }

  async identify(flow: SignInFlow, redirectUri: string, query: string): Promise<ProvidedIdentity> {
    const configuration = await this.#configuration();
    try {
      const tokens = await openid.authorizationCodeGrant(configuration, new URL(redirectUri + query), {
        pkceCodeVerifier: flow.codeVerifier,
        expectedState: flow.state,
        expectedNonce: flow.nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new AppError("upstream_failed", `${this.title} sent no identity.`);
      // Providers may leave e-mail and name to the userinfo endpoint (OpenID Connect Core, section 5.4).
      const told =
        claims["email"] === undefined ? await openid.fetchUserInfo(configuration, tokens.access_token, claims.sub) : {};
      return identityOf(claims.iss, { ...told, ...claims });
    } catch (error) {
      throw this.#translate(error);
    }
  }

  #configuration(): Promise<openid.Configuration> {
    if (this.#discovered === undefined || this.#now() - this.#discovered.at > rediscoverMs) {
      const configuration = this.#discover();
      this.#discovered = { at: this.#now(), configuration };
      // A failure is told to those who wait for it, and not kept.
      configuration.catch(() => {
        if (this.#discovered?.configuration === configuration) this.#discovered = undefined;
      });
    }
    return this.#discovered.configuration;
  }

  async #discover(): Promise<openid.Configuration> {
    const { issuer, clientId, clientSecret } = this.#options;
    const url = new URL(issuer);
    try {
      return await openid.discovery(url, clientId, clientSecret, undefined, {
        timeout: timeoutSeconds,
        execute: url.protocol === "http:" ? [openid.allowInsecureRequests] : [],
      });
    } catch (error) {
      throw this.#translate(error);
    }
  }

  #translate(error: unknown): unknown {
    if (error instanceof AppError) return error;
    if (error instanceof openid.AuthorizationResponseError)
      return new AppError("unauthorized", `${this.title} did not let you in.`, { cause: error });
    return new AppError("upstream_failed", `Signing in with ${this.title} does not work at the moment.`, {
      cause: error,
    });
  }
}

function identityOf(issuer: string, claims: Readonly<Record<string, unknown>>): ProvidedIdentity {
  const { sub, email, email_verified: isVerified, name } = claims;
  return {
    issuer,
    subject: String(sub),
    verifiedEmail: typeof email === "string" && isVerified === true ? email.toLowerCase() : undefined,
    name: typeof name === "string" ? name : "",
  };
}

function requireSecure(issuer: string): void {
  const { protocol, hostname } = new URL(issuer);
  if (protocol === "https:" || ["127.0.0.1", "localhost", "[::1]"].includes(hostname)) return;
  throw new AppError("invalid_configuration", "The issuer of an OpenID provider must be an https: address.");
}
