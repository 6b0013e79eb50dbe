import { isInsufficientScope } from "../../oauth/challenge.ts";
import type { TokenRefusal } from "../../oauth/token-source.ts";

/**
 * What the source of tokens has to know about an answer that another token may mend: 401, or 403 with
 * `insufficient_scope` (RFC 6750, 3.1; MCP authorization, step-up). Undefined for every other one.
 */
export function tokenRefusal(
  url: URL,
  status: number,
  challenge: string | undefined,
  token: string | undefined,
): TokenRefusal | undefined {
  const isRefusal = status === 401 || (status === 403 && isInsufficientScope(challenge));
  return isRefusal ? { url, status, challenge, token } : undefined;
}
