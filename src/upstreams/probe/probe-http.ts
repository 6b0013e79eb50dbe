import { performance } from "node:perf_hooks";
import type { CallContext } from "../../core/call.ts";
import type { HttpUpstreamConfig } from "../../core/config/upstream-schema.ts";
import { httpRequest } from "../../core/config/request-schema.ts";
import { AppError } from "../../core/errors.ts";
import { anonymous } from "../../core/principal.ts";
import type { ProbeStep } from "../../core/upstream-probe.ts";
import { constantTemplate, noScope } from "../../expressions/compile-text.ts";
import type { Scope } from "../../expressions/template.ts";
import { EgressGuard } from "../egress-guard.ts";
import { parseBaseUrl } from "../http/base-url.ts";
import { compileHttpFetch } from "../http/http-fetch.ts";
import { HttpUpstream } from "../http/http-upstream.ts";
import { compileHttpUpstream, type HttpUpstreamPlan } from "../http/upstream-plan.ts";
import type { SecretMask } from "../masking/secret-mask.ts";
import { proxyOf } from "../socket/proxy-tunnel.ts";
import { loadTlsMaterial } from "../socket/tls-material.ts";
import type { UpstreamTap } from "../upstream-tap.ts";
import { type NetworkTarget, probeNetwork } from "./probe-network.ts";
import { StepMaker } from "./step-maker.ts";

export interface ProbeOptions {
  readonly secrets: SecretMask;
  readonly signal: AbortSignal;
}

/** A probe waits no longer than this for a connection, and for an answer. */
export const probeLimits = { connectMs: 10_000, answerMs: 20_000 };

/** Looks at a REST API: is there something that speaks HTTP, and does it take our credentials. */
export async function* probeHttp(
  name: string,
  config: HttpUpstreamConfig,
  { secrets, signal }: ProbeOptions,
): AsyncGenerator<ProbeStep, void, undefined> {
  const plan = planOf(name, config);
  const begin = new StepMaker(secrets, () => performance.now());
  let target: NetworkTarget;
  try {
    target = networkOf(plan, secrets);
  } catch (error) {
    yield begin.failed("configuration", error, "The configuration cannot be used.");
    return;
  }
  yield begin.step("configuration", { outcome: "ok", message: "The configuration is complete." });
  const shown = target.hidesHost ? undefined : `${target.url.origin}${target.url.pathname}`;
  const steps = new StepMaker(secrets, () => performance.now(), shown);
  const isReachable = yield* probeNetwork(target, steps);
  if (!isReachable) {
    yield steps.skipped("http", "Nothing can be reached.");
    return;
  }
  steps.begin();
  const asking = new Asking(plan, secrets);
  let status: number;
  try {
    status = await asking.ask(signal);
  } catch (error) {
    yield* tellFailure(error, asking, steps);
    return;
  }
  yield steps.step("http", judgeStatus(status));
  yield steps.skipped("protocol", "A REST API has no protocol of its own.");
  yield steps.step("auth", judgeCredentials(status, plan));
}

function planOf(name: string, config: HttpUpstreamConfig): HttpUpstreamPlan {
  const once: HttpUpstreamConfig = {
    ...config,
    connectTimeoutMs: Math.min(config.connectTimeoutMs, probeLimits.connectMs),
    redirects: 0,
    retry: { ...config.retry, attempts: 0 },
  };
  // Problems were found before a probe begins.
  return compileHttpUpstream(once, { name, path: ["upstreams", name], report: () => undefined });
}

function networkOf(plan: HttpUpstreamPlan, secrets: SecretMask): NetworkTarget {
  const { config, name } = plan;
  const key = `upstreams.${name}`;
  const scope: Scope = { ...noScope, secrets };
  const base = parseBaseUrl(plan.baseUrl.evaluate(scope) ?? "");
  if (typeof base === "string") throw new AppError("invalid_configuration", `The URL of \`${key}.baseUrl\` ${base}.`);
  const tlsKey = plan.tlsKey?.evaluate(scope);
  const hidesHost = plan.baseUrl.secrets.length > 0;
  return {
    url: new URL(`${base.origin}${base.path}`),
    hidesHost,
    guard: new EgressGuard({ allow: config.egress.allow, key: `${key}.egress.allow` }),
    connectTimeoutMs: config.connectTimeoutMs,
    loadTls: () => {
      const { ca, cert, serverName } = config.tls ?? {};
      return loadTlsMaterial({ ca, cert, key: tlsKey, serverName }, `${key}.tls`);
    },
    proxy: proxyOf(plan.proxy?.evaluate(scope), `${key}.proxy`),
    words: {
      label: hidesHost ? `The upstream \`${name}\`` : `The upstream \`${name}\` (${base.origin})`,
      key,
      addressKey: `${key}.baseUrl`,
    },
  };
}

/** One GET of the base URL. */
class Asking {
  /** Whether the API was asked; without a token it is not. */
  wasSent = false;
  readonly #plan: HttpUpstreamPlan;
  readonly #secrets: SecretMask;

  constructor(plan: HttpUpstreamPlan, secrets: SecretMask) {
    this.#plan = plan;
    this.#secrets = secrets;
  }

  get needsToken(): boolean {
    return this.#plan.oauth !== undefined;
  }

  /** The status of the answer; its body is not waited for. */
  async ask(signal: AbortSignal): Promise<number> {
    let found: number | undefined;
    const context = contextOf();
    const tap = this.#tap((status) => {
      found = status;
      // Not from within the callback: the exchange is not done with the head yet.
      queueMicrotask(() => context.abort?.());
    });
    const upstream = new HttpUpstream(this.#plan, { secrets: this.#secrets, tap });
    const giveUp = (): void => context.abort?.();
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      const config = { request: httpRequest.parse({ path: "/" }), result: undefined };
      const { request, ...call } = compileHttpFetch(config, [], { report: ignore });
      // The base URL itself: a request of a document always adds a slash to it.
      const fetched = await upstream.fetch({ ...call, request: { ...request, path: constantTemplate("") } }, context);
      return found ?? fetched.status;
    } catch (error) {
      if (found !== undefined) return found;
      throw error;
    } finally {
      signal.removeEventListener("abort", giveUp);
      await upstream.close(0);
    }
  }

  #tap(answered: (status: number) => void): UpstreamTap {
    return {
      httpSent: () => {
        this.wasSent = true;
        return { answered, received: ignore, ended: ignore, failed: ignore };
      },
      tokenObtained: (upstream, token) => this.#secrets.hide(`upstreams.${upstream}.oauth`, token),
      mcpSent: () => undefined,
    };
  }
}

const ignore = (): void => undefined;

function* tellFailure(
  error: unknown,
  { needsToken, wasSent }: Asking,
  steps: StepMaker,
): Generator<ProbeStep, void, undefined> {
  if (!needsToken || wasSent) {
    yield steps.failed("http", error, "The request failed.");
    return;
  }
  yield steps.skipped("http", "Without a token nothing is asked.");
  yield steps.skipped("protocol", "A REST API has no protocol of its own.");
  yield steps.failed("auth", error, "No token could be got.");
}

function contextOf(): CallContext {
  return {
    args: {},
    request: { headers: {} },
    principal: anonymous,
    deadlineAt: performance.now() + probeLimits.answerMs,
    acceptsStream: false,
    abort: undefined,
    progress: () => undefined,
    log: () => undefined,
  };
}

function judgeStatus(status: number): Pick<ProbeStep, "outcome" | "message" | "details"> {
  const details = { status };
  const said = `GET of the base URL is answered with HTTP ${status}`;
  if (status >= 500) return { outcome: "warning", message: `${said}: the API has a problem of its own.`, details };
  if (status === 429) return { outcome: "warning", message: `${said}: it is asked too often.`, details };
  if (status === 404 || status === 405) {
    return { outcome: "ok", message: `${said}, which is usual where an API has nothing at its root.`, details };
  }
  return { outcome: "ok", message: `${said}.`, details };
}

function judgeCredentials(status: number, plan: HttpUpstreamPlan): Pick<ProbeStep, "outcome" | "message"> {
  const { config, oauth } = plan;
  const isConfigured = oauth !== undefined || Object.keys(config.headers).length + Object.keys(config.query).length > 0;
  if (status === 401 || status === 403) {
    return {
      outcome: "failed",
      message: `The credentials are refused (HTTP ${status}). ${mendFor(plan, isConfigured)}`,
    };
  }
  const got = oauth === undefined ? "" : "The authorization server gives a token. ";
  if (status < 300) {
    const message = isConfigured
      ? `${got}Nothing is refused here.`
      : "None are configured, and none are asked for here.";
    return { outcome: "ok", message };
  }
  const message = `${got}HTTP ${status} of the base URL says nothing about credentials.`;
  return { outcome: oauth === undefined ? "skipped" : "ok", message };
}

function mendFor({ oauth }: HttpUpstreamPlan, isConfigured: boolean): string {
  if (oauth !== undefined) {
    return "A token was got; check `oauth.scopes`, `oauth.audience` and `oauth.resource`, and whether the API takes tokens of `oauth.tokenUrl`.";
  }
  return isConfigured
    ? "Check `headers`, `query` and the secrets that they name."
    : "Set `headers`, such as authorization: Bearer ${secrets.NAME}.";
}
