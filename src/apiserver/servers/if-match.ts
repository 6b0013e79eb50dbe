import { AppError } from "../../core/errors.ts";
import type { RequestHeader } from "../operation.ts";

/** The header that every change of something with versions needs. */
export const ifMatchHeader: RequestHeader = {
  name: "If-Match",
  description: 'Version that the change is based on, as its ETag says it: `"5"`.',
  isRequired: true,
};

/**
 * The version that a change is based on.
 *
 * @throws AppError `precondition_required` without the header, `bad_request` when it names no version
 */
export function requireIfMatch(call: { header(name: string): string | undefined }): number {
  const given = call.header("if-match");
  if (given === undefined) {
    throw new AppError(
      "precondition_required",
      'Say in If-Match which version the change is based on, such as `If-Match: "5"`.',
    );
  }
  const version = /^(?:W\/)?"(\d{1,10})"$/.exec(given.trim())?.[1];
  if (version !== undefined) return Number(version);
  throw new AppError("bad_request", 'If-Match names one version in quotes, such as `"5"`.');
}

export function etagOf({ version }: { readonly version: number }): string {
  return `"${version}"`;
}
