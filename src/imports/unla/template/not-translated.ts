import { AppError } from "../../../core/errors.ts";

/** The error for a part of a template that has no counterpart; `what` is its beginning of a sentence. */
export function notTranslated(what: string, line: number): AppError {
  return new AppError("unprocessable", `line ${line}: ${what} cannot be translated`, { data: { line } });
}
