import { deriveToken, isSameText } from "../../access/token.ts";
import { AppError } from "../../core/errors.ts";
import type { Site } from "./site.ts";

/** What browsers say about where a request comes from; by lower-case name. */
export type HeaderReader = (name: string) => string | null | undefined;

/** Header that proves that a script of ours made the request. */
export const csrfHeader = "x-csrf-token";

/** What the script gets from `GET /me`: it is made of the sign-in's token and does not tell it. */
export function csrfTokenOf(signInToken: string): string {
  return deriveToken(signInToken, "csrf");
}

/** @throws AppError `forbidden` unless the request carries the token of this sign-in and comes from our own pages */
export function requireOwnPage(site: Site, header: HeaderReader, signInToken: string): void {
  requireSameSite(site, header);
  if (!isSameText(header(csrfHeader) ?? "", csrfTokenOf(signInToken)))
    throw new AppError("forbidden", "Send the csrfToken of GET /me as X-CSRF-Token.");
}

/**
 * A browser must say that the request comes from our own origin. Programs without cookies say nothing and may.
 *
 * @throws AppError `forbidden` when another site made a browser send it
 */
export function requireSameSite(site: Site, header: HeaderReader): void {
  const [origin, fetchSite] = [header("origin") ?? undefined, header("sec-fetch-site") ?? undefined];
  const isForeign =
    (origin !== undefined && !isOwn(site, origin)) || (fetchSite !== undefined && fetchSite !== "same-origin");
  const isSilent = origin === undefined && fetchSite === undefined && (header("cookie") ?? undefined) !== undefined;
  if (isForeign || isSilent) throw new AppError("forbidden", "The request does not come from a page of this site.");
}

const loopbackNames = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** On one's own machine the site has several names. */
function isOwn(site: Site, origin: string): boolean {
  const own = new URL(site.publicUrl());
  if (own.origin === origin) return true;
  if (!loopbackNames.has(own.hostname) || !URL.canParse(origin)) return false;
  const given = new URL(origin);
  return given.protocol === own.protocol && given.port === own.port && loopbackNames.has(given.hostname);
}
