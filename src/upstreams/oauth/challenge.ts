/** What a server wants before it serves a request, of the parameters that OAuth defines (RFC 6750, 3; RFC 9728, 5.1). */
export interface Challenge {
  readonly error: string | undefined;
  /** Scopes, separated by spaces. */
  readonly scope: string | undefined;
  /** Address of the protected resource metadata. */
  readonly resourceMetadata: string | undefined;
}

const noChallenge: Challenge = { error: undefined, scope: undefined, resourceMetadata: undefined };

/**
 * Reads the first Bearer challenge of a `WWW-Authenticate` header (RFC 9110, 11.6.1), which may hold
 * challenges of other schemes too. Nothing when there is none; what cannot be read is passed over.
 */
export function readChallenge(header: string | undefined): Challenge {
  const parameters = header === undefined ? undefined : bearerParameters(header);
  if (parameters === undefined) return noChallenge;
  return {
    error: parameters.get("error"),
    scope: parameters.get("scope"),
    resourceMetadata: parameters.get("resource_metadata"),
  };
}

/** Whether a 403 says that a token with more scopes would do. */
export function isInsufficientScope(header: string | undefined): boolean {
  return readChallenge(header).error === "insufficient_scope";
}

/** A scheme, or a parameter with a value that is a token or a quoted string. */
const piece = /[\s,]*([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([\w!#$%&'*+.^`|~:/?-]+)))?/y;

function bearerParameters(header: string): ReadonlyMap<string, string> | undefined {
  const pattern = new RegExp(piece);
  let found: Map<string, string> | undefined;
  while (pattern.lastIndex < header.length) {
    const start = pattern.lastIndex;
    const match = pattern.exec(header);
    if (match === null) {
      const comma = header.indexOf(",", start + 1);
      if (comma === -1) break;
      pattern.lastIndex = comma;
      continue;
    }
    const [, name = "", quoted, token] = match;
    const value = quoted?.replaceAll(/\\(.)/g, "$1") ?? token;
    if (value !== undefined) found?.set(name.toLowerCase(), value);
    else if (found !== undefined) break;
    else if (name.toLowerCase() === "bearer") found = new Map();
  }
  return found;
}
