import { AppError } from "../../core/errors.ts";
import { EgressRefusal } from "../egress-guard.ts";

/** What went wrong with one attempt, as the caller reads it and as retries and the breaker see it. */
export interface Failure {
  readonly error: AppError;
  /** Whether another attempt could go better. */
  readonly isTransient: boolean;
  /** Whether it says that the upstream is down. */
  readonly countsAsDown: boolean;
}

export interface FailureWords {
  /** The upstream as the caller may see it: its name, with its origin when that holds no secret. */
  readonly label: string;
  /** Its key in the document, such as `upstreams.crm`. */
  readonly key: string;
  /** The key that says where it is, such as `upstreams.crm.baseUrl`. */
  readonly addressKey: string;
}

const certificateCodes = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REVOKED",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** Turns what undici, Node or the guard said into a sentence that names what, why and how to mend it. */
export function describeFailure(cause: unknown, words: FailureWords): Failure {
  if (cause instanceof EgressRefusal) return { error: cause, isTransient: false, countsAsDown: false };
  if (cause instanceof AppError) return { error: cause, isTransient: false, countsAsDown: true };
  const code = errorCode(cause);
  const { label, key, addressKey } = words;
  const failure = (sentence: string, isTransient = true): Failure => ({
    error: new AppError("upstream_failed", sentence, { cause }),
    isTransient,
    countsAsDown: true,
  });
  if (certificateCodes.has(code)) {
    const mend = `Check \`${key}.tls\`: \`ca\` names the authorities to trust, \`serverName\` the name to expect.`;
    return failure(`The certificate of ${label} is not accepted (${code}). ${mend}`, false);
  }
  // undici gives its parser's errors no code.
  if (cause instanceof Error && cause.name === "HTTPParserError") {
    return failure(`The answer of ${label} is not valid HTTP.`);
  }
  if (code.startsWith("ERR_SSL") || code === "EPROTO") {
    return failure(`The TLS handshake with ${label} failed (${code}). Is \`${addressKey}\` right about https?`, false);
  }
  switch (code) {
    case "ECONNREFUSED":
      return failure(`${label} refused the connection. Is it running where \`${addressKey}\` says?`);
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return failure(`The host name of ${label} cannot be resolved (${code}). See \`${addressKey}\`.`);
    case "UND_ERR_CONNECT_TIMEOUT":
    case "ETIMEDOUT":
      return failure(`${label} did not accept a connection within \`${key}.connectTimeoutMs\`.`);
    case "ECONNRESET":
    case "EPIPE":
    case "UND_ERR_SOCKET":
    case "UND_ERR_RES_CONTENT_LENGTH_MISMATCH":
      return failure(`${label} closed the connection before its answer was complete.`);
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return failure(`There is no network route to ${label} (${code}).`);
    case "UND_ERR_HEADERS_OVERFLOW":
      return failure(`The headers of the answer of ${label} are larger than 16 kB.`, false);
    case "UND_ERR_INVALID_ARG":
      return { ...failure(`The request to ${label} cannot be written as HTTP.`, false), countsAsDown: false };
    case "UND_ERR_CLOSED":
    case "UND_ERR_DESTROYED":
      return { ...failure(`${label} is being closed because its configuration changed.`, false), countsAsDown: false };
    default:
      return failure(`The request to ${label} failed${code === "" ? "" : ` (${code})`}.`);
  }
}

/** The machine-readable code; of the first inner error when several addresses were tried. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("code" in error && typeof error.code === "string") return error.code;
  return error instanceof AggregateError ? errorCode(error.errors[0]) : "";
}
