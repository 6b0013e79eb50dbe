import type { AddClientAuthentication, OAuthClientInformationMixed } from "@modelcontextprotocol/client";
import type { Authorization } from "./discover-authorization.ts";
import type { Fetch } from "../../oauth/guarded-fetch.ts";
import type { OAuthLibrary } from "./load-oauth-library.ts";

/** One conversation with an authorization server. */
export interface TokenTurn {
  readonly library: OAuthLibrary;
  readonly authorization: Authorization;
  /** Scopes to ask for; undefined to leave the choice to the authorization server. */
  readonly scope: string | undefined;
  readonly fetch: Fetch;
  /** For messages: "upstreams.files.oauth". */
  readonly key: string;
}

/** A client as the library takes it. */
export interface ClientIdentity {
  readonly information: OAuthClientInformationMixed;
  /** Instead of a secret: signs an assertion into each token request. */
  readonly addClientAuthentication?: AddClientAuthentication;
}
