import { AppError } from "../../core/errors.ts";
import { CommandFailure, exitCodes } from "../exit-codes.ts";

/** Runs a command; what stores and files say about themselves becomes one sentence for the user. */
export async function tellFailures(work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof AppError) {
      const isProblem = cause.code === "unprocessable" || cause.code === "invalid_configuration";
      throw new CommandFailure(isProblem ? exitCodes.problems : exitCodes.io, cause.message, { cause });
    }
    if (isFileError(cause)) throw new CommandFailure(exitCodes.io, `${cause.path}: ${cause.code}`, { cause });
    throw cause;
  }
}

interface FileError extends Error {
  readonly code: string;
  readonly path: string;
}

function isFileError(error: unknown): error is FileError {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    "path" in error &&
    typeof error.path === "string"
  );
}
