import { AppError } from "../../../core/errors.ts";
import type { Scope, Template } from "../../../expressions/template.ts";
import { guardedFetch } from "../../oauth/guarded-fetch.ts";
import { RenewingTokenSource } from "../../oauth/renewing-token-source.ts";
import type { UpstreamTap } from "../../upstream-tap.ts";
import { OriginPools, type OriginPoolsOptions } from "../origin-pools.ts";
import type { HttpUpstreamPlan } from "../upstream-plan.ts";
import { askForToken, type ClientCredentials } from "./ask-for-token.ts";
import type { ClientCredentialsPlan } from "./client-credentials-plan.ts";
import { LineTokens } from "./line-tokens.ts";

export interface LineTokensParts {
  /** With the secrets in it. */
  readonly scope: Scope;
  /** How the API is reached. */
  readonly network: Omit<OriginPoolsOptions, "origin" | "connections">;
  /** Of the API. */
  readonly origin: string;
  readonly now: () => number;
  readonly tap?: UpstreamTap;
}

/**
 * Opens the tokens of an upstream; undefined when it has no `oauth`. Nothing is asked for before the first
 * call. The caller closes them. Fails with `AppError("invalid_configuration")` for a missing secret.
 */
export function openLineTokens(plan: HttpUpstreamPlan, parts: LineTokensParts): LineTokens | undefined {
  const { oauth, name } = plan;
  if (oauth === undefined) return undefined;
  const { origin, now, tap } = parts;
  const key = `upstreams.${name}.oauth`;
  const credentials = readCredentials(oauth, parts.scope, key);
  const pools = openPools(credentials.tokenUrl.origin, parts);
  const fetch = guardedFetch({ pools, ownOrigin: origin, key, timeoutMs: fetchTimeoutMs });
  const source = new RenewingTokenSource({
    obtain: async () => {
      const token = await askForToken(credentials, fetch);
      tap?.tokenObtained(name, token.accessToken);
      return token;
    },
    close: () => pools.close(0),
    accessToken: undefined,
    scopeHint: undefined,
    key,
    now,
  });
  return new LineTokens({ source, url: new URL(origin), key });
}

const fetchTimeoutMs = 10_000;
const connections = 2;

/** The client certificate is shown to the token endpoint too; the name to expect is that of the API alone. */
function openPools(tokenOrigin: string, { network, origin }: LineTokensParts): OriginPools {
  return new OriginPools({
    ...network,
    origin: tokenOrigin,
    connections,
    loadTls: () => {
      const { servername, ...tls } = network.loadTls();
      return tokenOrigin === origin && servername !== undefined ? { ...tls, servername } : tls;
    },
  });
}

function readCredentials(plan: ClientCredentialsPlan, scope: Scope, key: string): ClientCredentials {
  const read = (name: string, template: Template<string | undefined>): string => {
    const value = template.evaluate(scope);
    if (value !== undefined && value !== "") return value;
    throw new AppError("invalid_configuration", `\`${key}.${name}\` is empty.`);
  };
  const { tokenUrl, authMethod, scopes, resource } = plan.config;
  return {
    tokenUrl: new URL(tokenUrl),
    clientId: read("clientId", plan.clientId),
    clientSecret: read("clientSecret", plan.clientSecret),
    authMethod,
    parameters: {
      ...(scopes.length === 0 ? {} : { scope: scopes.join(" ") }),
      ...(plan.audience === undefined ? {} : { audience: read("audience", plan.audience) }),
      ...(resource === undefined ? {} : { resource }),
    },
    headers: plan.headers.flatMap(({ name, value }) => {
      const text = value.evaluate(scope);
      return text === undefined ? [] : [[name, text] as const];
    }),
    key,
  };
}
