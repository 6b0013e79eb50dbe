import { performance } from "node:perf_hooks";
import type { SecretSource } from "../../../core/config-source.ts";
import { AppError } from "../../../core/errors.ts";
import { noScope } from "../../../expressions/compile-text.ts";
import type { Scope } from "../../../expressions/template.ts";
import { EgressGuard } from "../../egress-guard.ts";
import { OriginPools } from "../../http/origin-pools.ts";
import { proxyOf } from "../../socket/proxy-tunnel.ts";
import { loadTlsMaterial } from "../../socket/tls-material.ts";
import { parseMcpUrl } from "../http/parse-mcp-url.ts";
import type { McpUpstreamPlan } from "../mcp-upstream-plan.ts";
import type { Grant } from "./grant.ts";
import { guardedFetch } from "../../oauth/guarded-fetch.ts";
import { readGrant } from "./read-grant.ts";
import { RenewingTokenSource } from "../../oauth/renewing-token-source.ts";
import { TokenClient } from "./token-client.ts";
import type { TokenSource } from "../../oauth/token-source.ts";

/**
 * Opens the tokens of one identity at an upstream; undefined when it needs none. The caller closes it.
 * Fails with `AppError("invalid_configuration")` for secrets that are missing or no good.
 */
export type OpenTokenSource = (plan: McpUpstreamPlan, secrets: SecretSource) => TokenSource | undefined;

/** Tokens as the upstream's `oauth` says. */
export const openTokenSource: OpenTokenSource = (plan, secrets) => {
  if (plan.oauth === undefined) return undefined;
  const grant = readGrant(plan.oauth, secrets, oauthKey(plan));
  return openGrant(grant, plan, secrets);
};

/** Tokens by a grant that the document does not hold: that of a user. `oauth` may still name issuer and scope. */
export function openGrant(
  grant: Grant,
  plan: McpUpstreamPlan,
  secrets: SecretSource,
  now: () => number = () => performance.now(),
): TokenSource {
  const key = oauthKey(plan);
  const { issuer, scope } = plan.oauth?.config ?? {};
  const pools = openPools(plan, secrets);
  const fetch = guardedFetch({ ...pools, key, timeoutMs: fetchTimeoutMs });
  const client = new TokenClient({ grant, issuer, scope, fetch, key });
  return new RenewingTokenSource({
    obtain: (demand) => client.obtain(demand),
    close: () => pools.pools.close(0),
    accessToken: grant.kind === "refresh-token" ? grant.accessToken : undefined,
    scopeHint: scopeHint(grant, scope),
    key,
    now,
  });
}

const fetchTimeoutMs = 10_000;
const connections = 2;

function oauthKey(plan: McpUpstreamPlan): string {
  return `upstreams.${plan.name}.oauth`;
}

/** Who has to act when a token has too few scopes; undefined where the gateway can ask for more itself. */
function scopeHint(grant: Grant, scope: string | undefined): string | undefined {
  if (grant.kind === "refresh-token") return "acquire tokens that have it";
  return scope === undefined ? undefined : "add it to `scope` if that is meant";
}

function openPools(plan: McpUpstreamPlan, secrets: SecretSource): { pools: OriginPools; ownOrigin: string } {
  const { config, name } = plan;
  const key = `upstreams.${name}`;
  const scope: Scope = { ...noScope, secrets };
  const url = parseMcpUrl(plan.urls[0]?.evaluate(scope) ?? "");
  if (typeof url === "string") throw new AppError("invalid_configuration", `The URL of \`${key}.url\` ${url}.`);
  const ownOrigin = url.origin;
  const tlsKey = plan.tlsKey?.evaluate(scope);
  const pools = new OriginPools({
    origin: ownOrigin,
    connections,
    connectTimeoutMs: config.connectTimeoutMs,
    guard: new EgressGuard({ allow: config.egress.allow, key: `${key}.egress.allow` }),
    proxy: proxyOf(plan.proxy?.evaluate(scope), `${key}.proxy`),
    loadTls: () => {
      const { ca, cert, serverName } = config.tls ?? {};
      return loadTlsMaterial({ ca, cert, key: tlsKey, serverName }, `${key}.tls`);
    },
  });
  return { pools, ownOrigin };
}
