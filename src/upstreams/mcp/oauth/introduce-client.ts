import type { OAuthClientInformationMixed } from "@modelcontextprotocol/client";
import type { AuthorizationCodeGrant } from "./grant.ts";
import type { TokenTurn } from "./token-turn.ts";

/**
 * How the gateway becomes known to an authorization server that has not heard of it: by the URL of its
 * metadata document where that is taken, else by registration (RFC 7591).
 */
export async function introduceClient(
  { agent, clientMetadataUrl }: AuthorizationCodeGrant,
  { library, authorization, scope, fetch }: TokenTurn,
): Promise<OAuthClientInformationMixed> {
  const { metadata, serverUrl } = authorization;
  if (clientMetadataUrl !== undefined && metadata?.client_id_metadata_document_supported === true) {
    return { client_id: clientMetadataUrl };
  }
  return library.registerClient(serverUrl, {
    clientMetadata: {
      client_name: "Passerelle",
      redirect_uris: [agent.redirectUrl],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      application_type: isOnThisMachine(agent.redirectUrl) ? "native" : "web",
    },
    fetchFn: fetch,
    ...(metadata === undefined ? {} : { metadata }),
    ...(scope === undefined ? {} : { scope }),
  });
}

/** Redirects to the user's own machine are those of native applications (OpenID Connect Registration, 2). */
function isOnThisMachine(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}
