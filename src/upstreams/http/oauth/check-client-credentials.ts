import type { ClientCredentialsConfig } from "../../../core/config/client-credentials-schema.ts";
import type { HttpUpstreamConfig } from "../../../core/config/upstream-schema.ts";
import type { DocumentPath, Problem } from "../../../core/problem.ts";
import { mayBeAsked } from "../../oauth/guarded-fetch.ts";

/** Reports what is contradictory or unsafe in the `oauth` of an upstream that stands at `path`. */
export function checkClientCredentials(
  oauth: ClientCredentialsConfig,
  { headers, baseUrl }: HttpUpstreamConfig,
  path: DocumentPath,
  report: (problem: Problem) => void,
): void {
  const error = (keys: readonly string[], message: string, mend: string): void =>
    report({ severity: "error", path: [...path, ...keys], message, mend });
  if (Object.keys(headers).some((name) => name.toLowerCase() === "authorization")) {
    error(["headers"], "the upstream has both an authorization header and oauth", "keep one of them");
  }
  for (const name of Object.keys(oauth.headers)) {
    if (!ownedByGrant.has(name.toLowerCase())) continue;
    const mend = "remove it; the gateway writes it";
    error(["oauth", "headers", name], `the header \`${name}\` of the request for a token cannot be set`, mend);
  }
  checkTokenUrl(oauth.tokenUrl, baseUrl, (message, mend) => error(["oauth", "tokenUrl"], message, mend));
}

/** What the grant, and whoever sends it, says in headers. */
const ownedByGrant: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "authorization",
  "content-type",
  "user-agent",
]);

function checkTokenUrl(tokenUrl: string, baseUrl: string, error: (message: string, mend: string) => void): void {
  if (tokenUrl.includes("${")) {
    return error("the token endpoint is no template", "write the URL itself; only credentials are secrets");
  }
  const url = new URL(tokenUrl);
  if (url.hash !== "") return error("the URL of a token endpoint has no fragment", "remove what follows `#`");
  if (url.username !== "" || url.password !== "") {
    return error("the URL holds a user name or password", "give them by `clientId` and `clientSecret`");
  }
  // Where the API is may be known with its secrets only; it is judged again before the first request.
  const ownOrigin = URL.canParse(baseUrl) ? new URL(baseUrl).origin : undefined;
  if (ownOrigin === undefined || baseUrl.includes("${") || mayBeAsked(url, ownOrigin)) return;
  error("the client's secret would be sent over plain http:", "write an https: URL");
}
