import type { JsonObject } from "../../core/json.ts";

/** Hints that follow from a method (RFC 9110, 9.2). */
export function annotationsOf(method: string): JsonObject {
  switch (method) {
    case "GET":
    case "HEAD":
    case "OPTIONS":
      return { readOnlyHint: true };
    case "PUT":
    case "DELETE":
      return { readOnlyHint: false, destructiveHint: true, idempotentHint: true };
    case "PATCH":
      return { readOnlyHint: false, destructiveHint: true, idempotentHint: false };
    default:
      // POST: it may add or destroy, and clients assume the worse where nothing is said.
      return { readOnlyHint: false };
  }
}
