import type { OAuthClientInformationMixed, OAuthTokens } from "@modelcontextprotocol/client";
import { AppError } from "../../../core/errors.ts";
import { authorizeByCode } from "./authorize-by-code.ts";
import { discoverAuthorization, isSameIssuer } from "./discover-authorization.ts";
import type { AuthorizationCodeGrant, Grant, RegisteredClient } from "./grant.ts";
import type { Fetch } from "../../oauth/guarded-fetch.ts";
import { introduceClient } from "./introduce-client.ts";
import { libraryFailure } from "./library-failure.ts";
import { loadOAuthLibrary } from "./load-oauth-library.ts";
import { checkToken } from "../../oauth/check-token.ts";
import { joinScopes } from "../../oauth/scopes.ts";
import type { ObtainedToken, TokenDemand } from "../../oauth/token-demand.ts";
import type { ClientIdentity, TokenTurn } from "./token-turn.ts";

export interface TokenClientOptions {
  readonly grant: Grant;
  /** The only authorization server that may be used; undefined for the first one that is met. */
  readonly issuer: string | undefined;
  /** What to ask for whatever the MCP server names; undefined to follow it. */
  readonly scope: string | undefined;
  readonly fetch: Fetch;
  /** For messages: "upstreams.files.oauth". */
  readonly key: string;
}

interface Bound<Value> {
  readonly issuer: string;
  readonly value: Value;
}

/**
 * Gets tokens by one grant. Keeps what belongs to it in memory: the client's registration and the
 * refresh token, each bound to the authorization server that gave it. Calls do not overlap. The steps are
 * the library's; its `auth`, which takes them all, repeats them by itself and writes to the console.
 */
export class TokenClient {
  readonly #options: TokenClientOptions;
  /** Whose credentials the configured ones are; known for certain after they worked. */
  #issuer: string | undefined;
  #registration: Bound<OAuthClientInformationMixed> | undefined;
  #refreshToken: Bound<string> | undefined;

  constructor(options: TokenClientOptions) {
    this.#options = options;
    this.#issuer = options.issuer;
  }

  /** Rejects with `AppError("upstream_failed")`. */
  async obtain(demand: TokenDemand): Promise<ObtainedToken> {
    const { fetch, key, grant } = this.#options;
    const library = await loadOAuthLibrary();
    const { url, resourceMetadata } = demand;
    const authorization = await discoverAuthorization({
      library,
      fetch,
      url,
      resourceMetadata,
      issuer: this.#options.issuer,
      key,
    });
    const { issuer } = authorization;
    if (grant.client !== undefined) this.#assertBound(issuer);
    const scope = this.#options.scope ?? demand.scope ?? authorization.scopesSupported;
    const turn: TokenTurn = { library, authorization, scope, fetch, key };
    const tokens = await this.#ask(grant, turn, demand.reason).catch((error: unknown) => {
      throw libraryFailure(error, library, key);
    });
    this.#issuer ??= grant.client === undefined ? undefined : issuer;
    if (tokens.refresh_token !== undefined) this.#refreshToken = { issuer, value: tokens.refresh_token };
    return {
      accessToken: checkToken({ token: tokens.access_token, type: tokens.token_type, key }),
      lifetimeSeconds: tokens.expires_in,
      scope: joinScopes(scope, tokens.scope),
      issuer,
    };
  }

  /** Credentials that were given by one authorization server are not shown to another one. */
  #assertBound(issuer: string): void {
    if (this.#issuer === undefined || isSameIssuer(this.#issuer, issuer)) return;
    throw new AppError(
      "upstream_failed",
      `\`${this.#options.key}\`: the MCP server now wants tokens of \`${issuer}\`, but the credentials are for \`${this.#issuer}\`. If that is meant, set \`issuer\` and its credentials.`,
    );
  }

  #ask(grant: Grant, turn: TokenTurn, reason: TokenDemand["reason"]): Promise<OAuthTokens> {
    switch (grant.kind) {
      case "client-credentials":
        return askAsClient(grant.client, turn);
      case "refresh-token": {
        const token = this.#refreshToken?.value ?? grant.refreshToken;
        return askForRefresh(identify(grant.client, turn), token, turn);
      }
      case "authorization-code":
        return this.#askForUser(grant, turn, reason);
    }
  }

  async #askForUser(
    grant: AuthorizationCodeGrant,
    turn: TokenTurn,
    reason: TokenDemand["reason"],
  ): Promise<OAuthTokens> {
    const { issuer } = turn.authorization;
    const identity = await this.#introduce(grant, turn);
    if (reason !== "too-narrow" && this.#refreshToken?.issuer === issuer) {
      try {
        return await askForRefresh(identity, this.#refreshToken.value, turn);
      } catch (error) {
        if (reason === "expiring" || !(error instanceof turn.library.OAuthError)) throw error;
      }
    } else if (reason === "expiring") {
      throw new AppError("upstream_failed", `\`${turn.key}\`: the user has to agree again.`);
    }
    this.#refreshToken = undefined;
    return authorizeByCode(grant, identity, turn);
  }

  /** The client as this authorization server knows it; registered once. */
  async #introduce(grant: AuthorizationCodeGrant, turn: TokenTurn): Promise<ClientIdentity> {
    if (grant.client !== undefined) return identify(grant.client, turn);
    const { issuer } = turn.authorization;
    if (this.#registration?.issuer !== issuer) {
      this.#registration = { issuer, value: await introduceClient(grant, turn) };
    }
    return { information: this.#registration.value };
  }
}

function identify({ id, proof }: RegisteredClient, { library }: TokenTurn): ClientIdentity {
  switch (proof.kind) {
    case "none":
      return { information: { client_id: id } };
    case "secret":
      return { information: { client_id: id, client_secret: proof.secret } };
    case "private-key": {
      const { privateKey, algorithm: alg } = proof;
      const addClientAuthentication = library.createPrivateKeyJwtAuth({ issuer: id, subject: id, privateKey, alg });
      return { information: { client_id: id }, addClientAuthentication };
    }
  }
}

function askAsClient({ id, proof }: RegisteredClient, turn: TokenTurn): Promise<OAuthTokens> {
  const { library, authorization, scope, fetch, key } = turn;
  const { issuer, serverUrl, metadata, resource } = authorization;
  if (proof.kind === "none") throw new AppError("upstream_failed", `\`${key}\`: the client has no secret or key.`);
  const identity = { clientId: id, clientName: "Passerelle", expectedIssuer: issuer };
  const provider =
    proof.kind === "secret"
      ? new library.ClientCredentialsProvider({ ...identity, clientSecret: proof.secret })
      : new library.PrivateKeyJwtProvider({ ...identity, privateKey: proof.privateKey, algorithm: proof.algorithm });
  return library.fetchToken(provider, serverUrl, {
    fetchFn: fetch,
    ...(metadata === undefined ? {} : { metadata }),
    ...(resource === undefined ? {} : { resource }),
    ...(scope === undefined ? {} : { scope }),
  });
}

function askForRefresh(identity: ClientIdentity, refreshToken: string, turn: TokenTurn): Promise<OAuthTokens> {
  const { library, authorization, fetch } = turn;
  const { serverUrl, metadata, resource } = authorization;
  const { information, addClientAuthentication } = identity;
  // Without `scope`: all that was granted.
  return library.refreshAuthorization(serverUrl, {
    clientInformation: information,
    refreshToken,
    fetchFn: fetch,
    ...(metadata === undefined ? {} : { metadata }),
    ...(resource === undefined ? {} : { resource }),
    ...(addClientAuthentication === undefined ? {} : { addClientAuthentication }),
  });
}
