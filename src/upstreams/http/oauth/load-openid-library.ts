import type * as library from "openid-client";

export type OpenIdLibrary = typeof library;

/** Loads the library when the first token is needed: most gateways need none. */
export function loadOpenIdLibrary(): Promise<OpenIdLibrary> {
  return import("openid-client");
}
