import type * as library from "./oauth-library.ts";

export type OAuthLibrary = typeof library;

/** Loads the library when the first token is needed: it is large, and most gateways need no token. */
export function loadOAuthLibrary(): Promise<OAuthLibrary> {
  return import("./oauth-library.ts");
}
