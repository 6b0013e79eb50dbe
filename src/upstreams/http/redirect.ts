import { AppError } from "../../core/errors.ts";
import type { OutgoingRequest } from "./outgoing-request.ts";

const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/** Headers that say nothing about who is asking; only these go to another origin. */
const harmlessHeaders = new Set(["accept", "accept-encoding", "accept-language", "content-type", "user-agent"]);

export function isRedirect(status: number, location: string | undefined): location is string {
  return redirectStatuses.has(status) && location !== undefined;
}

/**
 * The request that follows a redirect (RFC 9110, 15.4): 303, and 301 or 302 after POST, become GET
 * without a body; 307 and 308 repeat the request. To another origin go neither credentials nor any other
 * configured header, and no body. Fails with `AppError("upstream_failed")` when it must not be followed.
 */
export function redirected(request: OutgoingRequest, status: number, location: string): OutgoingRequest {
  const from = new URL(`${request.origin}${request.path}`);
  if (!URL.canParse(location, from.href)) throw refused("its location is not a URL");
  const to = new URL(location, from);
  if (to.protocol !== "https:" && to.protocol !== "http:") throw refused(`it leads to ${to.protocol}`);
  if (from.protocol === "https:" && to.protocol === "http:") throw refused("it leads from https: to http:");
  if (to.username !== "" || to.password !== "") throw refused("its location holds a user name or password");

  const staysHere = to.origin === from.origin;
  const becomesGet =
    (status === 303 && request.method !== "HEAD") || ((status === 301 || status === 302) && request.method === "POST");
  if (!staysHere && !becomesGet && request.body !== undefined) {
    throw refused("it asks to send the request body to another origin");
  }
  const keep = (name: string): boolean =>
    (staysHere || harmlessHeaders.has(name)) && !(becomesGet && name === "content-type");
  return {
    ...request,
    origin: to.origin,
    path: `${to.pathname}${to.search}`,
    headers: filterHeaders(request.headers, keep),
    takesToken: request.takesToken && staysHere,
    ...(becomesGet ? { method: "GET", body: undefined } : {}),
  };
}

function filterHeaders(headers: readonly string[], keep: (name: string) => boolean): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? "";
    if (keep(name)) kept.push(name, headers[index + 1] ?? "");
  }
  return kept;
}

function refused(reason: string): AppError {
  return new AppError("upstream_failed", `The upstream answered with a redirect that is not followed: ${reason}.`);
}
