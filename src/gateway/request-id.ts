import { randomBytes } from "node:crypto";

let prefix: string | undefined;
let counter = 0;

/** An id for the log that is unique among processes; it is no secret and grants nothing. */
export function nextRequestId(): string {
  prefix ??= randomBytes(6).toString("base64url");
  counter = (counter + 1) % Number.MAX_SAFE_INTEGER;
  return `${prefix}-${counter.toString(36)}`;
}
