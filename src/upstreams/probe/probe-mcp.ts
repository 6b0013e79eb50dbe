import { performance } from "node:perf_hooks";
import type { McpUpstreamConfig } from "../../core/config/mcp-upstream-schema.ts";
import { AppError } from "../../core/errors.ts";
import { silentLog } from "../../core/log.ts";
import { anonymous } from "../../core/principal.ts";
import type { ProbeStep } from "../../core/upstream-probe.ts";
import { noScope } from "../../expressions/compile-text.ts";
import type { Scope } from "../../expressions/template.ts";
import { EgressGuard } from "../egress-guard.ts";
import { loadList } from "../mcp/catalogue/load-list.ts";
import type { McpConnection, OpenConnection } from "../mcp/connection.ts";
import { ProtocolRefusal } from "../mcp/connections/protocol-refusal.ts";
import { parseMcpUrl } from "../mcp/http/parse-mcp-url.ts";
import { SseUnavailable } from "../mcp/http/sse-unavailable.ts";
import { systemClock } from "../mcp/lifecycle/clock.ts";
import { openWithin } from "../mcp/lifecycle/open-within.ts";
import { compileMcpUpstream, type McpUpstreamPlan } from "../mcp/mcp-upstream-plan.ts";
import { openTokenSource, type OpenTokenSource } from "../mcp/oauth/open-token-source.ts";
import type { TokenSource } from "../oauth/token-source.ts";
import { namesOf, openReach } from "../mcp/open-reach.ts";
import type { SecretMask } from "../masking/secret-mask.ts";
import { proxyOf } from "../socket/proxy-tunnel.ts";
import { loadTlsMaterial } from "../socket/tls-material.ts";
import { type ProbeOptions, probeLimits } from "./probe-http.ts";
import { type NetworkTarget, probeNetwork } from "./probe-network.ts";
import { StepMaker, type StepWords } from "./step-maker.ts";

/** Most URLs of one server that are looked at one by one. */
const maxUrls = 8;

/** Looks at an MCP server at a URL, and at its replicas; the protocol is tried with one of them. */
export async function* probeMcp(
  name: string,
  config: McpUpstreamConfig,
  { secrets, signal }: ProbeOptions,
): AsyncGenerator<ProbeStep, void, undefined> {
  const plan = planMcp(name, config, undefined);
  const steps = new StepMaker(secrets, () => performance.now());
  let targets: readonly NetworkTarget[];
  try {
    targets = plan.urls.slice(0, maxUrls).map((_, index) => networkOf(plan, index, secrets));
  } catch (error) {
    yield steps.failed("configuration", error, "The configuration cannot be used.");
    return;
  }
  yield steps.step("configuration", { outcome: "ok", message: "The configuration is complete." });
  let isReachable = false;
  for (const [index, target] of targets.entries()) {
    const shown = target.hidesHost ? `URL ${index + 1}` : `${target.url.origin}${target.url.pathname}`;
    const ofUrl = new StepMaker(secrets, () => performance.now(), shown);
    isReachable = (yield* probeNetwork(target, ofUrl)) || isReachable;
  }
  if (isReachable) yield* probeProtocol(plan, steps, { secrets, signal });
  else yield steps.skipped("http", "Nothing can be reached.");
}

async function* probeProtocol(
  plan: McpUpstreamPlan,
  steps: StepMaker,
  { secrets, signal }: ProbeOptions,
): AsyncGenerator<ProbeStep, void, undefined> {
  const tokens = new WatchedTokens();
  const reach = openReach(plan, { secrets, log: silentLog, openTokens: tokens.open });
  if (reach instanceof AppError) {
    yield steps.failed("http", reach, "");
    return;
  }
  try {
    steps.begin();
    const connection = await openProbed(plan, reach.connect(anonymous), signal);
    try {
      yield steps.step("http", { outcome: "ok", message: "It answers over HTTP." });
      yield await describeServer(plan, connection, steps, reach.detected.transport);
      yield describeAccess(plan, steps);
    } finally {
      await connection.close();
    }
  } catch (error) {
    yield* tellFailure(error, tokens.failure, steps);
  } finally {
    await reach.close(0);
  }
}

/** Opens a connection within the limits of a probe; what comes too late is closed. */
export async function openProbed(
  plan: McpUpstreamPlan,
  open: OpenConnection,
  signal: AbortSignal,
): Promise<McpConnection> {
  const attempt = new AbortController();
  const giveUp = (): void => attempt.abort(new AppError("cancelled", "The probe was ended."));
  signal.addEventListener("abort", giveUp, { once: true });
  if (signal.aborted) giveUp();
  const ignore = (): void => undefined;
  const { connection, leftover } = openWithin({
    open,
    listener: { onNotification: ignore, onClosed: ignore },
    attempt,
    timeoutMs: plan.config.startTimeoutMs,
    clock: systemClock,
    ...namesOf(plan),
  });
  try {
    return await connection;
  } catch (error) {
    await leftover;
    throw error;
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

/** The step about the protocol: who is there, and what it offers. */
export async function describeServer(
  plan: McpUpstreamPlan,
  connection: McpConnection,
  steps: StepMaker,
  transport: string | undefined,
): Promise<ProbeStep> {
  const { protocolVersion, info, capabilities } = connection.server;
  const text = (value: unknown): string => (typeof value === "string" ? value.slice(0, 200) : "unnamed");
  const about = {
    protocolVersion,
    server: text(info["name"]),
    ...(transport === undefined ? {} : { transport }),
    ...(info["version"] === undefined ? {} : { version: text(info["version"]) }),
  };
  const speaks = `It is ${about.server} and speaks MCP ${protocolVersion}`;
  if (capabilities["tools"] === undefined) {
    return steps.step("protocol", { outcome: "ok", message: `${speaks}. It has no tools.`, details: about });
  }
  const deadlineAt = systemClock.now() + probeLimits.answerMs;
  try {
    const { entries } = await loadList({ connection, name: "tools", deadlineAt, log: silentLog, upstream: plan.name });
    const details = { ...about, tools: entries.length };
    const count = `${entries.length} ${entries.length === 1 ? "tool" : "tools"}`;
    return steps.step("protocol", { outcome: "ok", message: `${speaks}, with ${count}.`, details });
  } catch (error) {
    const reason = error instanceof AppError ? error.message : "The answer cannot be read.";
    const message = `${speaks}, but its tools cannot be listed: ${reason}`;
    return steps.step("protocol", { outcome: "failed", message, details: about });
  }
}

function describeAccess({ config }: McpUpstreamPlan, steps: StepMaker): ProbeStep {
  const isConfigured = config.oauth !== undefined || Object.keys(config.headers).length > 0;
  const message = isConfigured ? "The credentials are taken." : "None are configured, and none are asked for.";
  return steps.step("auth", { outcome: "ok", message });
}

function* tellFailure(error: unknown, tokenFailure: unknown, steps: StepMaker): Generator<ProbeStep, void, undefined> {
  if (tokenFailure !== undefined) {
    yield steps.step("http", { outcome: "ok", message: "It answers over HTTP, and asks for credentials." });
    yield steps.skipped("protocol", "Without credentials nothing is said.");
    yield steps.failed("auth", tokenFailure, "No token could be got.");
    return;
  }
  const status = error instanceof ProtocolRefusal || error instanceof SseUnavailable ? error.status : undefined;
  const isRefusal = error instanceof ProtocolRefusal || error instanceof SseUnavailable;
  if (!isRefusal || (status !== undefined && status >= 500)) {
    yield steps.failed("http", error, "The connection failed.");
    return;
  }
  const answered = status === undefined ? "It answers over HTTP." : `It answers with HTTP ${status}.`;
  const http: StepWords = {
    outcome: "ok",
    message: answered,
    ...(status === undefined ? {} : { details: { status } }),
  };
  yield steps.step("http", http);
  if (status === 401 || status === 403) {
    yield steps.skipped("protocol", "Without credentials nothing is said.");
    yield steps.failed("auth", error, "");
  } else {
    yield steps.failed("protocol", error, "");
    yield steps.skipped("auth", "It did not come to that.");
  }
}

/** Compiles an upstream for a probe. Problems were found before. */
export function planMcp(name: string, config: McpUpstreamConfig, baseDirectory: string | undefined): McpUpstreamPlan {
  const bounded: McpUpstreamConfig = {
    ...config,
    connectTimeoutMs: Math.min(config.connectTimeoutMs, probeLimits.connectMs),
    startTimeoutMs: Math.min(config.startTimeoutMs, probeLimits.answerMs),
  };
  return compileMcpUpstream(bounded, { name, path: ["upstreams", name], baseDirectory, report: () => undefined });
}

function networkOf(plan: McpUpstreamPlan, index: number, secrets: SecretMask): NetworkTarget {
  const { config } = plan;
  const { label, key } = namesOf(plan);
  const scope: Scope = { ...noScope, secrets };
  const template = plan.urls[index];
  const url = parseMcpUrl(template?.evaluate(scope) ?? "");
  const addressKey = index === 0 ? `${key}.url` : `${key}.replicas[${index - 1}]`;
  if (typeof url === "string") throw new AppError("invalid_configuration", `The URL of \`${addressKey}\` ${url}.`);
  const tlsKey = plan.tlsKey?.evaluate(scope);
  return {
    url,
    hidesHost: (template?.secrets.length ?? 0) > 0,
    guard: new EgressGuard({ allow: config.egress.allow, key: `${key}.egress.allow` }),
    connectTimeoutMs: config.connectTimeoutMs,
    loadTls: () => {
      const { ca, cert, serverName } = config.tls ?? {};
      return loadTlsMaterial({ ca, cert, key: tlsKey, serverName }, `${key}.tls`);
    },
    proxy: proxyOf(plan.proxy?.evaluate(scope), `${key}.proxy`),
    words: { label, key, addressKey },
  };
}

/** Tokens as the upstream's `oauth` says, and why there were none. */
class WatchedTokens {
  failure: unknown;

  readonly open: OpenTokenSource = (plan, secrets) => {
    const tokens = openTokenSource(plan, secrets);
    return tokens === undefined ? undefined : this.#watch(tokens);
  };

  #watch(tokens: TokenSource): TokenSource {
    return {
      current: () => tokens.current(),
      renew: async (refusal) => {
        try {
          return await tokens.renew(refusal);
        } catch (error) {
          this.failure = error;
          throw error;
        }
      },
      close: () => tokens.close(),
    };
  }
}
