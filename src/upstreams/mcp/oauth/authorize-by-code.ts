import { randomBytes, timingSafeEqual } from "node:crypto";
import type { OAuthTokens } from "@modelcontextprotocol/client";
import { AppError } from "../../../core/errors.ts";
import type { AuthorizationCodeGrant } from "./grant.ts";
import { safeCode } from "../../oauth/safe-code.ts";
import { joinScopes } from "../../oauth/scopes.ts";
import type { ClientIdentity, TokenTurn } from "./token-turn.ts";

/**
 * Lets a user agree and redeems the code (OAuth 2.1, 4.1, always with PKCE). Rejects with what the
 * library throws and with `AppError("upstream_failed")`.
 */
export async function authorizeByCode(
  { agent }: AuthorizationCodeGrant,
  { information, addClientAuthentication }: ClientIdentity,
  turn: TokenTurn,
): Promise<OAuthTokens> {
  const { library, authorization, fetch, key } = turn;
  const { metadata, serverUrl, resource } = authorization;
  assertPkce(turn);
  const state = randomBytes(32).toString("base64url");
  const scope = withOfflineAccess(turn);
  const common = {
    clientInformation: information,
    ...(metadata === undefined ? {} : { metadata }),
    ...(resource === undefined ? {} : { resource }),
  };
  const { authorizationUrl, codeVerifier } = await library.startAuthorization(serverUrl, {
    ...common,
    redirectUrl: agent.redirectUrl,
    state,
    ...(scope === undefined ? {} : { scope }),
  });
  if (authorizationUrl.protocol !== "https:" && authorizationUrl.protocol !== "http:") {
    throw failed(key, "the authorization page is not https:");
  }
  const answer = await agent.authorize(authorizationUrl);
  if (!isSame(answer.get("state") ?? "", state))
    throw failed(key, "the authorization answer belongs to another request");
  const iss = answer.get("iss") ?? undefined;
  checkIssuer(iss, turn);
  const code = answer.get("code");
  if (code === null) {
    throw failed(key, `the user or the authorization server refused (${safeCode(answer.get("error") ?? "")})`);
  }
  return library.exchangeAuthorization(serverUrl, {
    ...common,
    authorizationCode: code,
    codeVerifier,
    redirectUri: agent.redirectUrl,
    fetchFn: fetch,
    ...(iss === undefined ? {} : { iss }),
    ...(addClientAuthentication === undefined ? {} : { addClientAuthentication }),
  });
}

/** Metadata that does not name S256 says that there is no PKCE, and then there is no authorization (MCP, 2025-11-25). */
function assertPkce({ authorization, key }: TokenTurn): void {
  const { metadata } = authorization;
  if (metadata === undefined || metadata.code_challenge_methods_supported?.includes("S256") === true) return;
  throw failed(key, "the authorization server does not support PKCE with S256");
}

/** Before anything else of the answer is believed, errors too (RFC 9207, 2.4). */
function checkIssuer(iss: string | undefined, { library, authorization }: TokenTurn): void {
  const { metadata } = authorization;
  library.validateAuthorizationResponseIssuer({
    iss,
    expectedIssuer: metadata?.issuer,
    issParameterSupported: metadata?.authorization_response_iss_parameter_supported === true,
  });
}

/** Refresh tokens are asked for where the authorization server knows how to be asked. */
function withOfflineAccess({ scope, authorization }: TokenTurn): string | undefined {
  const isKnown = authorization.metadata?.scopes_supported?.includes("offline_access") === true;
  return scope !== undefined && isKnown ? joinScopes(scope, "offline_access") : scope;
}

function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

function failed(key: string, reason: string): AppError {
  return new AppError("upstream_failed", `\`${key}\`: ${reason}.`);
}
