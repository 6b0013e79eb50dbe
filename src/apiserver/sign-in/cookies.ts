import { isHttps, type Site } from "./site.ts";

/** Browsers take a `__Host-` cookie only from the host itself, over HTTPS (RFC 6265bis, section 4.1.3.2). */
export function cookieName(site: Site, name: "sign-in" | "flow"): string {
  return `${isHttps(site) ? "__Host-" : ""}passerelle-${name}`;
}

/** A value for `Set-Cookie` that scripts cannot read and other sites cannot send along with their requests. */
export function setCookie(site: Site, name: "sign-in" | "flow", value: string, maxAgeMs: number): string {
  const secure = isHttps(site) ? "; Secure" : "";
  const maxAge = Math.floor(maxAgeMs / 1000);
  return `${cookieName(site, name)}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure}`;
}

export function forgetCookie(site: Site, name: "sign-in" | "flow"): string {
  return setCookie(site, name, "", 0);
}

/** The value in a `Cookie` header; undefined when there is none, or several: then somebody plays tricks. */
export function readCookie(
  site: Site,
  header: string | null | undefined,
  name: "sign-in" | "flow",
): string | undefined {
  const wanted = `${cookieName(site, name)}=`;
  const values = (header ?? "")
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part.startsWith(wanted))
    .map((part) => part.slice(wanted.length));
  return values.length === 1 ? values[0] : undefined;
}
