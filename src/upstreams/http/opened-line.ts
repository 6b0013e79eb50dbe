import type { SecretSource } from "../../core/config-source.ts";
import { AppError } from "../../core/errors.ts";
import { constantTemplate, noScope } from "../../expressions/compile-text.ts";
import type { Scope, Template } from "../../expressions/template.ts";
import { EgressGuard, type Resolve } from "../egress-guard.ts";
import { proxyOf } from "../socket/proxy-tunnel.ts";
import { loadTlsMaterial } from "../socket/tls-material.ts";
import type { UpstreamTap } from "../upstream-tap.ts";
import { Admission } from "./admission.ts";
import { type BaseUrl, parseBaseUrl } from "./base-url.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";
import { Deadlines } from "./deadlines.ts";
import type { HeaderEntry } from "./header-plan.ts";
import { openLineTokens } from "./oauth/open-line-tokens.ts";
import { OriginPools } from "./origin-pools.ts";
import type { RequestBase } from "./request-writer.ts";
import { tapPools } from "./tapped-pools.ts";
import type { UpstreamLine } from "./upstream-line.ts";
import type { HttpUpstreamPlan } from "./upstream-plan.ts";

export interface LineOptions {
  readonly secrets: SecretSource;
  readonly random: () => number;
  /** The clock of `CallContext.deadlineAt`. */
  readonly now: () => number;
  readonly boundary: () => string;
  readonly resolve?: Resolve;
  readonly tap?: UpstreamTap;
}

/** A compiled upstream with its secrets filled in: ready to be called, not yet connected. */
export interface OpenedLine {
  readonly line: UpstreamLine;
  readonly base: RequestBase;
}

/**
 * Sent unless the document says otherwise. Bodies are asked for unpacked: unpacking costs more than the
 * bytes on the networks that backends stand on, and an unpacked answer cannot be a bomb. An upstream far
 * away sets `accept-encoding` itself; whatever comes back is unpacked.
 */
const usualHeaders: readonly HeaderEntry[] = [
  { name: "accept", value: constantTemplate("application/json, */*;q=0.8") },
  { name: "accept-encoding", value: constantTemplate("identity") },
  { name: "user-agent", value: constantTemplate("passerelle") },
];

/** Opens an upstream, or says in an `AppError` why every call to it will fail: a secret is missing or wrong. */
export function openLine(plan: HttpUpstreamPlan, options: LineOptions): OpenedLine | AppError {
  try {
    return open(plan, options);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

function open(plan: HttpUpstreamPlan, options: LineOptions): OpenedLine {
  const { config, name } = plan;
  const key = `upstreams.${name}`;
  const scope: Scope = { ...noScope, secrets: options.secrets };
  const baseUrl = readBaseUrl(plan, key, scope);
  const { now } = options;
  const tlsKey = plan.tlsKey?.evaluate(scope);
  const network = {
    connectTimeoutMs: config.connectTimeoutMs,
    guard: new EgressGuard({
      allow: config.egress.allow,
      key: `${key}.egress.allow`,
      ...(options.resolve === undefined ? {} : { resolve: options.resolve }),
    }),
    proxy: proxyOf(plan.proxy?.evaluate(scope), `${key}.proxy`),
    loadTls: () => {
      const { ca, cert, serverName } = config.tls ?? {};
      return loadTlsMaterial({ ca, cert, key: tlsKey, serverName }, `${key}.tls`);
    },
  };
  const pools = new OriginPools({ ...network, origin: baseUrl.origin, connections: config.connections });
  const line: UpstreamLine = {
    // An origin out of a secret is not shown.
    label:
      plan.baseUrl.secrets.length > 0 ? `The upstream \`${name}\`` : `The upstream \`${name}\` (${baseUrl.origin})`,
    key,
    addressKey: `${key}.baseUrl`,
    maxConcurrency: config.maxConcurrency,
    maxResponseBytes: config.maxResponseBytes,
    maxRedirects: config.redirects,
    retry: config.retry,
    admission: new Admission(config.maxConcurrency),
    breaker: new CircuitBreaker({ ...config.breaker, now }),
    deadlines: new Deadlines(now),
    counters: { calls: 0, attempts: 0, retries: 0, failures: 0, timeouts: 0, refusals: 0, cancellations: 0 },
    now,
    random: options.random,
    tokens: openLineTokens(plan, { ...options, scope, network, origin: baseUrl.origin }),
    pools: options.tap === undefined ? pools : tapPools(pools, name, options.tap),
  };
  return { line, base: requestBase(plan, baseUrl, options, scope) };
}

function requestBase(plan: HttpUpstreamPlan, baseUrl: BaseUrl, options: LineOptions, scope: Scope): RequestBase {
  const settle = <T>(template: Template<T>): Template<T> =>
    plan.dependsOnCall ? template : constantTemplate(template.evaluate(scope));
  const own = plan.headers.map(({ name, value }) => ({ name, value: settle(value) }));
  return {
    origin: baseUrl.origin,
    path: baseUrl.path,
    query: settle(plan.query),
    headers: [...usualHeaders, ...plan.forwarded, ...own],
    hasTokens: plan.oauth !== undefined,
    maxRequestBytes: plan.config.maxRequestBytes,
    key: `upstreams.${plan.name}`,
    boundary: options.boundary,
  };
}

function readBaseUrl(plan: HttpUpstreamPlan, key: string, scope: Scope): BaseUrl {
  const parsed = parseBaseUrl(plan.baseUrl.evaluate(scope) ?? "");
  if (typeof parsed !== "string") return parsed;
  throw new AppError("invalid_configuration", `The URL of \`${key}.baseUrl\` ${parsed}.`);
}
