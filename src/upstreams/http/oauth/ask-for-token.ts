import { AppError } from "../../../core/errors.ts";
import { checkToken } from "../../oauth/check-token.ts";
import type { Fetch } from "../../oauth/guarded-fetch.ts";
import { safeCode } from "../../oauth/safe-code.ts";
import type { ObtainedToken } from "../../oauth/token-demand.ts";
import { loadOpenIdLibrary, type OpenIdLibrary } from "./load-openid-library.ts";

/** The `oauth` of an upstream with its secrets filled in. */
export interface ClientCredentials {
  readonly tokenUrl: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly authMethod: "basic" | "post";
  /** `scope`, `audience` and the like. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** For messages: "upstreams.crm.oauth". */
  readonly key: string;
}

/** What the library does not hand on as it was. */
interface Seen {
  status?: number;
  /** Why nothing was answered. */
  refusal?: AppError;
}

/**
 * Asks the token endpoint once (RFC 6749, 4.4). Rejects with `AppError("upstream_failed")` that holds nothing
 * of what the authorization server wrote but its error code.
 */
export async function askForToken(credentials: ClientCredentials, fetch: Fetch): Promise<ObtainedToken> {
  const { tokenUrl, clientId, parameters, key } = credentials;
  const library = await loadOpenIdLibrary();
  const issuer = tokenUrl.origin;
  const server = { issuer, token_endpoint: tokenUrl.href };
  const configuration = new library.Configuration(server, clientId, {}, authenticate(credentials, library));
  // Which addresses may be plain http: is the fetch's matter, and so is the time.
  library.allowInsecureRequests(configuration);
  configuration.timeout = undefined;
  const seen: Seen = {};
  configuration[library.customFetch] = async (url, { method, headers, body }) => {
    const own = credentials.headers.map(([name, value]): [string, string] => [name, value]);
    try {
      const response = await fetch(url, {
        method,
        headers: [...own, ...Object.entries(headers)],
        // The library sends forms and nothing else.
        ...(body instanceof URLSearchParams ? { body } : {}),
      });
      seen.status = response.status;
      return response;
    } catch (error) {
      if (error instanceof AppError) seen.refusal = error;
      throw error;
    }
  };
  try {
    const answer = await library.clientCredentialsGrant(configuration, parameters);
    const { access_token: token, token_type: type, expires_in: lifetimeSeconds, scope } = answer;
    return { accessToken: checkToken({ token, type, key }), lifetimeSeconds, scope, issuer };
  } catch (error) {
    throw failure(error, seen, credentials, library);
  }
}

/**
 * Identifier and secret are form-encoded in the header (RFC 6749, 2.3.1), but for the characters that
 * need it least: many a server does not decode what it compares, and identifiers are full of hyphens.
 */
function authenticate(credentials: ClientCredentials, library: OpenIdLibrary): ReturnType<OpenIdLibrary["None"]> {
  const { clientId, clientSecret, authMethod } = credentials;
  switch (authMethod) {
    case "post":
      return library.ClientSecretPost(clientSecret);
    case "basic": {
      const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
      const value = `Basic ${Buffer.from(pair).toString("base64")}`;
      return (_server, _client, _body, headers) => headers.set("authorization", value);
    }
  }
}

function failure(
  error: unknown,
  { refusal, status }: Seen,
  { key, tokenUrl }: ClientCredentials,
  library: OpenIdLibrary,
): AppError {
  if (refusal !== undefined) return refusal;
  if (error instanceof AppError) return error;
  if (error instanceof library.ResponseBodyError) {
    const reason = `the authorization server refused to give a token (${safeCode(error.error)})`;
    return new AppError("upstream_failed", `\`${key}\`: ${reason}${hint(error.error)}.`);
  }
  // What the library says may quote the answer.
  const what =
    status === undefined || status === 200
      ? "with something that is no token"
      : `with HTTP ${status} and no error that OAuth knows`;
  const message = `\`${key}\`: \`${tokenUrl.origin}\` answered ${what}; check \`tokenUrl\`.`;
  return new AppError("upstream_failed", message);
}

/** RFC 6749, 5.2; RFC 8707, 2. */
function hint(code: string): string {
  switch (code) {
    case "invalid_client":
      return "; check `clientId`, `clientSecret` and `authMethod`";
    case "unauthorized_client":
      return "; allow the client the grant `client_credentials` there";
    case "invalid_scope":
      return "; check `scopes`";
    case "invalid_target":
      return "; check `resource` and `audience`";
    case "unsupported_grant_type":
      return "; it does not know the grant `client_credentials`";
    default:
      return "";
  }
}
