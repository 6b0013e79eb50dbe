// What the gateway uses of the official client library. It stands here by name, so that the bundle leaves
// out the rest; import it by `loadOAuthLibrary` only.
export {
  checkResourceAllowed,
  ClientCredentialsProvider,
  createPrivateKeyJwtAuth,
  discoverAuthorizationServerMetadata,
  discoverOAuthProtectedResourceMetadata,
  exchangeAuthorization,
  fetchToken,
  InsecureTokenEndpointError,
  IssuerMismatchError,
  OAuthError,
  PrivateKeyJwtProvider,
  refreshAuthorization,
  registerClient,
  RegistrationRejectedError,
  startAuthorization,
  validateAuthorizationResponseIssuer,
} from "@modelcontextprotocol/client";
