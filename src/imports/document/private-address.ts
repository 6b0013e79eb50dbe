import type { JsonObject } from "../../core/json.ts";

/** What of a private network a URL names, as `egress` of an upstream; absent for public and unknown hosts. */
export function egressFor(url: string): JsonObject | undefined {
  const allow = URL.canParse(url) ? privateRanges(new URL(url).hostname) : [];
  return allow.length === 0 ? undefined : { allow };
}

function privateRanges(hostname: string): readonly string[] {
  if (hostname === "localhost" || hostname.endsWith(".localhost")) return ["127.0.0.0/8", "::1"];
  if (hostname === "[::1]") return ["::1"];
  const isPrivate = /^(?:127|10)\.|^192\.168\.|^172\.(?:1[6-9]|2\d|3[01])\./.test(hostname);
  return isPrivate && /^\d+\.\d+\.\d+\.\d+$/.test(hostname) ? [hostname] : [];
}
