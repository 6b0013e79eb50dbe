import { AppError } from "../../core/errors.ts";

/** A line of an archive that cannot be used. */
export function problemLine(number: number, what: string, cause?: unknown): AppError {
  return new AppError("unprocessable", `line ${number}: ${what}`, cause === undefined ? {} : { cause });
}
