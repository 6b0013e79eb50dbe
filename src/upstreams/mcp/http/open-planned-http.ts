import type { SecretSource } from "../../../core/config-source.ts";
import { AppError } from "../../../core/errors.ts";
import { noScope } from "../../../expressions/compile-text.ts";
import type { Scope } from "../../../expressions/template.ts";
import type { Resolve } from "../../egress-guard.ts";
import { proxyOf } from "../../socket/proxy-tunnel.ts";
import { loadTlsMaterial } from "../../socket/tls-material.ts";
import type { McpUpstreamPlan } from "../mcp-upstream-plan.ts";
import type { McpHttpClient } from "./mcp-http-client.ts";
import { type McpUrl, openMcpHttp } from "./open-mcp-http.ts";
import { parseMcpUrl } from "./parse-mcp-url.ts";

export interface PlannedHttpOptions {
  readonly secrets: SecretSource;
  /** For messages: "The upstream `files`". */
  readonly label: string;
  /** As in `McpHttpOptions`. */
  readonly now?: () => number;
  readonly random?: () => number;
  readonly resolve?: Resolve;
}

/**
 * The sockets to the server of a compiled upstream, secrets filled in. Nothing is connected yet. Fails
 * with `AppError("invalid_configuration")` when a secret is missing or makes no URL.
 */
export function openPlannedHttp(plan: McpUpstreamPlan, options: PlannedHttpOptions): McpHttpClient {
  const { config } = plan;
  const key = `upstreams.${plan.name}`;
  const { secrets, ...others } = options;
  const scope: Scope = { ...noScope, secrets };
  const tlsKey = plan.tlsKey?.evaluate(scope);
  return openMcpHttp({
    ...others,
    key,
    urls: plan.urls.map((_, index) => readUrl(plan, index, key, scope)),
    connections: config.connections,
    connectTimeoutMs: config.connectTimeoutMs,
    maxMessageBytes: config.maxMessageBytes,
    allow: config.egress.allow,
    proxy: proxyOf(plan.proxy?.evaluate(scope), `${key}.proxy`),
    loadTls: () => {
      const { ca, cert, serverName } = config.tls ?? {};
      return loadTlsMaterial({ ca, cert, key: tlsKey, serverName }, `${key}.tls`);
    },
  });
}

function readUrl(plan: McpUpstreamPlan, index: number, key: string, scope: Scope): McpUrl {
  const template = plan.urls[index];
  const url = parseMcpUrl(template?.evaluate(scope) ?? "");
  if (typeof url === "string") {
    const place = index === 0 ? `${key}.url` : `${key}.replicas[${index - 1}]`;
    throw new AppError("invalid_configuration", `The URL of \`${place}\` ${url}.`);
  }
  const hidesSecret = (template?.secrets.length ?? 0) > 0;
  return { url, shown: hidesSecret ? `URL ${index + 1}` : `${url.origin}${url.pathname}` };
}
