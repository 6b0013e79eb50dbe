/** Parts of names that credentials have. `key` alone counts at the end of a name only: `API_KEY`, not `KEYBOARD`. */
const credentialName =
  /(?:^|[^a-z])(?:authorization|auth|token|secret|password|passwd|passphrase|pwd|credentials?|cookie|signature|session|pat|pin|jwt|bearer)(?:$|[^a-z])|api[-_]?key|access[-_]?key|private[-_]?key|(?:^|[^a-z])key$|(?:token|secret|password|dsn)$/i;

/** Beginnings that well-known services give to their keys, JSON Web Tokens, PEM keys, schemes of HTTP. */
const credentialValue =
  /^(?:sk-|pk_|sk_|rk_|ghp_|gho_|ghs_|ghu_|github_pat_|glpat-|xox[abeprs]-|AKIA|ASIA|AIza|eyJ[\w-]{8,}\.|npm_|hf_|ntn_|secret_|lin_api_|dop_v1_|SG\.|-----BEGIN|(?:bearer|basic|token)\s)/i;

/** Names that end like credentials but say where they are or how they are used. */
const harmlessName =
  /(?:url|uri|path|file|dir|endpoint|host|port|type|mode|method|name|id|header|enabled|ttl|timeout)$/i;

/**
 * Whether a value is a credential, by its name or by its look. Errs on the side of caution: a value that is taken for
 * one is only kept elsewhere.
 */
export function isCredential(name: string, value: string): boolean {
  if (credentialValue.test(value) || hasUserInfo(value)) return true;
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2");
  if (credentialName.test(words) && !harmlessName.test(words)) return !/^(?:true|false|\d{1,3}|)$/i.test(value);
  return isRandom(value);
}

/** Whether it is a URL with a password in it. */
function hasUserInfo(value: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s@]*:[^/?#\s@]+@/i.test(value);
}

/** Long, without spaces or separators of paths, of digits and letters mixed: nobody writes such a value by hand. */
function isRandom(value: string): boolean {
  if (!/^[A-Za-z0-9_+=-]{24,}$/.test(value) || isUuid(value)) return false;
  return /\d/.test(value) && /[A-Za-z]/.test(value) && new Set(value).size >= 12;
}

/** Identifiers of things are UUIDs far more often than keys are. */
function isUuid(value: string): boolean {
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value);
}
