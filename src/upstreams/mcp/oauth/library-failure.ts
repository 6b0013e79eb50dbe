import { AppError } from "../../../core/errors.ts";
import { safeCode } from "../../oauth/safe-code.ts";
import type { OAuthLibrary } from "./load-oauth-library.ts";

/**
 * What the library threw, as a sentence for the operator. Nothing but error codes is repeated of what a
 * server wrote: descriptions and bodies may hold secrets.
 *
 * @param key for messages: "upstreams.files.oauth"
 */
export function libraryFailure(error: unknown, library: OAuthLibrary, key: string): AppError {
  if (error instanceof AppError) return error;
  return new AppError("upstream_failed", `\`${key}\`: ${reason(error, library)}.`);
}

function reason(error: unknown, library: OAuthLibrary): string {
  if (error instanceof library.OAuthError) {
    return `the authorization server refused to give a token (${safeCode(error.code)})${hint(error.code)}`;
  }
  if (error instanceof library.RegistrationRejectedError) {
    return `the authorization server refused to register the gateway (HTTP ${error.status})`;
  }
  if (error instanceof library.IssuerMismatchError) {
    return error.kind === "metadata"
      ? `the metadata of the authorization server names another issuer than \`${error.expected}\``
      : `the authorization answer does not come from \`${error.expected}\``;
  }
  if (error instanceof library.InsecureTokenEndpointError)
    return "the token endpoint of the authorization server is not https:";
  return "the authorization server, or the metadata of the MCP server, does not follow OAuth";
}

function hint(code: string): string {
  switch (code) {
    case "invalid_client":
    case "unauthorized_client":
      return "; check `clientId` and the secret or key";
    case "invalid_grant":
      return "; the tokens that were acquired are no longer good, acquire new ones";
    case "invalid_scope":
      return "; check `scope`";
    default:
      return "";
  }
}
