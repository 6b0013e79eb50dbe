import { AppError } from "./errors.ts";

/** Where a page ends, as the caller gets it: opaque, and safe in a URL. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString("base64url");
}

/**
 * The position that `encodeCursor` was given.
 *
 * @throws AppError `bad_request` for anything that is no such position
 */
export function decodeCursor<T>(cursor: string, isPosition: (value: unknown) => value is T): T {
  const position = parse(Buffer.from(cursor, "base64url").toString());
  if (!isPosition(position)) {
    throw new AppError("bad_request", "The cursor is none of this list. Begin with the first page.");
  }
  return position;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no position either
  }
}
