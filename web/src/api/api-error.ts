import type { OperationId, ProblemOf } from "./operation-types.ts";
import type { Operations, Problem } from "./operations.generated.ts";

/** An operation that did not come about; `message` is a sentence for people. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** 0 when nothing answered. */
  readonly status: number;
  /** What the API says of it. Absent when nothing answered, or something else than the API did. */
  readonly problem: Problem | undefined;
  /** How long to wait before the next try, when that was said. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, problem: Problem | undefined, options: ApiErrorOptions = {}) {
    super(problem?.detail ?? wordsFor(status), { cause: options.cause });
    this.status = status;
    this.problem = problem;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** What is wrong with a field of the request, such as `body.name`, or inside of it; undefined when that is not it. */
  problemAt(field: string): string | undefined {
    const errors = this.problem?.errors ?? [];
    return errors.find((error) => error.field === field || error.field.startsWith(`${field}.`))?.message;
  }
}

interface ApiErrorOptions {
  readonly cause?: unknown;
  readonly retryAfterSeconds?: number | undefined;
}

/**
 * The problem of an operation with all fields that it has for this status: `problemOf("saveServer", 409, error)?.diff`.
 * Undefined when the error is another one.
 */
export function problemOf<Id extends OperationId, Status extends keyof Operations[Id]["problems"] & number>(
  _operation: Id,
  status: Status,
  error: unknown,
): ProblemOf<Id, Status> | undefined {
  if (!(error instanceof ApiError) || error.status !== status || error.problem === undefined) return undefined;
  return error.problem as ProblemOf<Id, Status>; // the description says what problems of this status hold
}

function wordsFor(status: number): string {
  if (status === 0) return "The apiserver does not answer. Try again in a minute.";
  return `Something between here and the apiserver answered ${status}. Try again in a minute.`;
}
