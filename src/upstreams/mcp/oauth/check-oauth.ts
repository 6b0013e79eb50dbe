import type { McpUpstreamConfig } from "../../../core/config/mcp-upstream-schema.ts";
import type { DocumentPath, Problem } from "../../../core/problem.ts";

/** Reports what is missing or contradictory in the `oauth` of an upstream that stands at `path`. */
export function checkOAuth(
  { oauth, command, headers }: McpUpstreamConfig,
  path: DocumentPath,
  report: (problem: Problem) => void,
): void {
  if (oauth === undefined) return;
  const error = (keys: readonly string[], message: string, mend: string): void =>
    report({ severity: "error", path: [...path, ...keys], message, mend });
  if (command !== undefined) {
    error(["oauth"], "a stdio upstream has no use for OAuth", "give the program its credentials by `env`");
  }
  if (Object.keys(headers).some((name) => name.toLowerCase() === "authorization")) {
    error(["headers"], "the upstream has both an authorization header and oauth", "keep one of them");
  }
  const { grant, clientSecret, privateKey, refreshToken, issuer } = oauth;
  if (clientSecret !== undefined && privateKey !== undefined) {
    error(["oauth", "privateKey"], "the client has both a secret and a private key", "keep one of them");
  }
  if (grant === "client-credentials" && clientSecret === undefined && privateKey === undefined) {
    error(["oauth"], "client-credentials need a secret or a private key", "add `clientSecret` or `privateKey`");
  }
  if (grant === "refresh-token" && refreshToken === undefined) {
    error(["oauth"], "the grant refresh-token needs a refresh token", "add `refreshToken`");
  }
  if (issuer !== undefined) return;
  report({
    severity: "warning",
    path: [...path, "oauth"],
    message: "without `issuer` the MCP server says who gets the credentials",
    mend: "add `issuer`, the URL of the authorization server that they are for",
  });
}
