import type { AuthorizationServerMetadata, OAuthProtectedResourceMetadata } from "@modelcontextprotocol/client";
import { AppError } from "../../../core/errors.ts";
import type { Fetch } from "../../oauth/guarded-fetch.ts";
import { libraryFailure } from "./library-failure.ts";
import type { OAuthLibrary } from "./load-oauth-library.ts";

/** Which authorization server gives tokens for an MCP server, and what to ask it for. */
export interface Authorization {
  /** Its identity: what credentials are bound to. */
  readonly issuer: string;
  /** Where its endpoints lie when it publishes no metadata. */
  readonly serverUrl: string;
  /** Undefined for servers of 2025-03-26 without any: the usual endpoints at the origin are meant. */
  readonly metadata: AuthorizationServerMetadata | undefined;
  /** The `resource` to ask for (RFC 8707), as the MCP server writes it; undefined when it names none. */
  readonly resource: string | undefined;
  /** Scopes that the MCP server knows, separated by spaces. */
  readonly scopesSupported: string | undefined;
}

export interface DiscoveryOptions {
  readonly library: OAuthLibrary;
  readonly fetch: Fetch;
  /** The MCP endpoint. */
  readonly url: URL;
  /** Where the challenge says that the resource metadata is. */
  readonly resourceMetadata: string | undefined;
  /** The only authorization server that may be used; undefined for the first one that is named. */
  readonly issuer: string | undefined;
  /** For messages: "upstreams.files.oauth". */
  readonly key: string;
}

/**
 * Finds the authorization server by the metadata of the MCP server (RFC 9728) and its own (RFC 8414 or
 * OpenID Connect Discovery); an MCP server without metadata is its own one (2025-03-26). Rejects with
 * `AppError("upstream_failed")`.
 */
export async function discoverAuthorization(options: DiscoveryOptions): Promise<Authorization> {
  const { library, fetch, url, key } = options;
  const resource = await readResourceMetadata(options);
  if (
    resource !== undefined &&
    !library.checkResourceAllowed({ requestedResource: url, configuredResource: resource.resource })
  ) {
    throw failed(key, "the metadata of the MCP server is about another resource than its URL");
  }
  const named = resource?.authorization_servers ?? [];
  const serverUrl = chooseServer(options, named) ?? new URL("/", url).href;
  const metadata = await library
    .discoverAuthorizationServerMetadata(serverUrl, { fetchFn: fetch })
    .catch((error: unknown) => {
      throw libraryFailure(error, library, key);
    });
  if (metadata === undefined && (named.length > 0 || options.issuer !== undefined)) {
    throw failed(key, `the authorization server \`${serverUrl}\` publishes no metadata`);
  }
  return {
    issuer: metadata?.issuer ?? serverUrl,
    serverUrl,
    metadata,
    resource: resource?.resource,
    scopesSupported: resource?.scopes_supported?.join(" "),
  };
}

/** Issuers are compared as they are written, but for the slash that URL parsers add to a bare origin. */
export function isSameIssuer(one: string, other: string): boolean {
  return one.replace(/\/$/, "") === other.replace(/\/$/, "");
}

function chooseServer({ issuer, key }: DiscoveryOptions, named: readonly string[]): string | undefined {
  if (issuer === undefined || named.length === 0) return issuer ?? named[0];
  const chosen = named.find((server) => isSameIssuer(server, issuer));
  if (chosen !== undefined) return chosen;
  throw failed(
    key,
    `the MCP server wants tokens of ${named
      .slice(0, 3)
      .map((server) => `\`${server}\``)
      .join(", ")}, but \`issuer\` is \`${issuer}\``,
  );
}

/** Undefined when the MCP server has none. */
async function readResourceMetadata(options: DiscoveryOptions): Promise<OAuthProtectedResourceMetadata | undefined> {
  const { library, fetch, url, resourceMetadata, key } = options;
  let status = 0;
  const noting: Fetch = async (address, init) => {
    const response = await fetch(address, init);
    ({ status } = response);
    return response;
  };
  const at = resourceMetadata !== undefined && URL.canParse(resourceMetadata) ? resourceMetadata : undefined;
  const place = at === undefined ? {} : { resourceMetadataUrl: at };
  try {
    return await library.discoverOAuthProtectedResourceMetadata(url, place, noting);
  } catch (error) {
    // The library has one error for every status; only "there is none" means the older way.
    if (!(error instanceof AppError) && status >= 400 && status < 500) return undefined;
    throw libraryFailure(error, library, key);
  }
}

function failed(key: string, reason: string): AppError {
  return new AppError("upstream_failed", `\`${key}\`: ${reason}.`);
}
