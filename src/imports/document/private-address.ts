import type { JsonObject, JsonValue } from "../../core/json.ts";

/** What of a private network URLs name, as `egress` of an upstream; absent for public and unknown hosts alone. */
export function egressFor(...urls: readonly (JsonValue | undefined)[]): JsonObject | undefined {
  const allow = urls.flatMap((url) =>
    typeof url === "string" && URL.canParse(url) ? privateRanges(new URL(url).hostname) : [],
  );
  return allow.length === 0 ? undefined : { allow: [...new Set(allow)] };
}

function privateRanges(hostname: string): readonly string[] {
  if (hostname === "localhost" || hostname.endsWith(".localhost")) return ["127.0.0.0/8", "::1"];
  if (hostname === "[::1]") return ["::1"];
  const isPrivate = /^(?:127|10)\.|^192\.168\.|^172\.(?:1[6-9]|2\d|3[01])\./.test(hostname);
  return isPrivate && /^\d+\.\d+\.\d+\.\d+$/.test(hostname) ? [hostname] : [];
}
