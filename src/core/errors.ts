/**
 * The catalogue of errors: one table says which JSON-RPC code and which HTTP status each becomes.
 * `httpStatus` applies while the answer is not committed; modern requests only carry a status other
 * than 200 where the revision's ladder of checks says so (specification, transports).
 */
export const errorCatalogue = {
  parse_error: { rpcCode: -32700, httpStatus: 400 },
  invalid_request: { rpcCode: -32600, httpStatus: 400 },
  method_not_found: { rpcCode: -32601, httpStatus: 404 },
  invalid_params: { rpcCode: -32602, httpStatus: 200 },
  malformed_envelope: { rpcCode: -32602, httpStatus: 400 },
  internal: { rpcCode: -32603, httpStatus: 500 },
  resource_not_found: { rpcCode: -32002, httpStatus: 200 },
  header_mismatch: { rpcCode: -32020, httpStatus: 400 },
  missing_capability: { rpcCode: -32021, httpStatus: 400 },
  unsupported_version: { rpcCode: -32022, httpStatus: 400 },
  bad_request: { rpcCode: -32000, httpStatus: 400 },
  session_not_found: { rpcCode: -32001, httpStatus: 404 },
  unauthorized: { rpcCode: -32000, httpStatus: 401 },
  forbidden: { rpcCode: -32000, httpStatus: 403 },
  not_found: { rpcCode: -32000, httpStatus: 404 },
  /** The caller's base is not the newest version any more; `data` tells what is. */
  conflict: { rpcCode: -32000, httpStatus: 409 },
  /** Well-formed, but what it asks for cannot be; `data.problems` says where. */
  unprocessable: { rpcCode: -32000, httpStatus: 422 },
  precondition_required: { rpcCode: -32000, httpStatus: 428 },
  too_many_requests: { rpcCode: -32000, httpStatus: 429 },
  method_not_allowed: { rpcCode: -32000, httpStatus: 405 },
  not_acceptable: { rpcCode: -32000, httpStatus: 406 },
  payload_too_large: { rpcCode: -32000, httpStatus: 413 },
  unsupported_media_type: { rpcCode: -32000, httpStatus: 415 },
  overloaded: { rpcCode: -32000, httpStatus: 503 },
  /** A store does not answer; nothing was saved, and the same request may be sent again. */
  unavailable: { rpcCode: -32000, httpStatus: 503 },
  /** The external service cannot be reached, was refused by a rule, or broke its own protocol. */
  upstream_failed: { rpcCode: -32603, httpStatus: 502 },
  /** The call took longer than its deadline. */
  timed_out: { rpcCode: -32603, httpStatus: 504 },
  /** The client went away or asked to cancel; nobody reads the answer. */
  cancelled: { rpcCode: -32800, httpStatus: 499 },
  /** Configuration that cannot be served; the message is for the operator. */
  invalid_configuration: { rpcCode: -32603, httpStatus: 500 },
} as const;

export type ErrorCode = keyof typeof errorCatalogue;

export interface AppErrorOptions {
  /** For the log only, never for the caller. */
  readonly cause?: unknown;
  /** Goes to the caller as `error.data`. */
  readonly data?: unknown;
}

/** The only error that crosses rooms. `message` is a sentence for the caller and holds no secret. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly data: unknown;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.data = options.data;
  }
}
