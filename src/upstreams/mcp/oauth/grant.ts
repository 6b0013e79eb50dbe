import type { AuthorizationAgent } from "./authorization-agent.ts";

/** How tokens for one upstream are got. */
export type Grant = ClientCredentialsGrant | RefreshTokenGrant | AuthorizationCodeGrant;

/** The gateway's own identity (RFC 6749, 4.4). */
export interface ClientCredentialsGrant {
  readonly kind: "client-credentials";
  readonly client: RegisteredClient;
}

/** Tokens that somebody has acquired and that are renewed from here on (RFC 6749, 6). */
export interface RefreshTokenGrant {
  readonly kind: "refresh-token";
  readonly client: RegisteredClient;
  readonly refreshToken: string;
  /** Used until it is refused. */
  readonly accessToken: string | undefined;
}

/** A user who agrees in a browser (RFC 6749, 4.1, with PKCE). */
export interface AuthorizationCodeGrant {
  readonly kind: "authorization-code";
  readonly agent: AuthorizationAgent;
  /** Undefined for a client that introduces itself to the authorization server. */
  readonly client: RegisteredClient | undefined;
  /** https: URL of the client's metadata document, its identifier where the authorization server takes one. */
  readonly clientMetadataUrl: string | undefined;
}

/** A client that the authorization server knows. */
export interface RegisteredClient {
  readonly id: string;
  readonly proof: ClientProof;
}

/** How a client proves who it is. */
export type ClientProof =
  | { readonly kind: "none" }
  | { readonly kind: "secret"; readonly secret: string }
  /** A signed assertion (RFC 7523, 2.2). `privateKey` is PEM in PKCS#8. */
  | { readonly kind: "private-key"; readonly privateKey: string; readonly algorithm: string };
