import type { HttpUpstreamConfig } from "../../core/config/upstream-schema.ts";
import type { DocumentPath, Problem, Report } from "../../core/problem.ts";
import { type CompileScope, compileText, type Template, type Variable } from "../../expressions/template.ts";
import { checkAllowList } from "../egress-guard.ts";
import { parseProxy } from "../socket/proxy-tunnel.ts";
import { parseBaseUrl } from "./base-url.ts";
import { compileClientCredentials, type ClientCredentialsPlan } from "./oauth/client-credentials-plan.ts";
import { fixedValue } from "./fixed-template.ts";
import { compileForwarded, compileHeaders, type HeaderEntry } from "./header-plan.ts";
import { compileQuery } from "./query-plan.ts";

/** A compiled http upstream, before its secrets are known. */
export interface HttpUpstreamPlan {
  readonly name: string;
  readonly config: HttpUpstreamConfig;
  readonly baseUrl: Template<string | undefined>;
  readonly headers: readonly HeaderEntry[];
  readonly forwarded: readonly HeaderEntry[];
  readonly query: Template<string>;
  readonly proxy: Template<string | undefined> | undefined;
  readonly tlsKey: Template<string | undefined> | undefined;
  readonly oauth: ClientCredentialsPlan | undefined;
  /** Whether headers and query are the same for all calls once the secrets are known. */
  readonly dependsOnCall: boolean;
}

export interface UpstreamCompileScope {
  /** The upstream's key in the document. */
  readonly name: string;
  /** Place of the upstream in the document. */
  readonly path: DocumentPath;
  readonly report: Report;
}

const secretsOnly: ReadonlySet<Variable> = new Set<Variable>(["secrets"]);
const perCall: ReadonlySet<Variable> = new Set<Variable>(["request", "principal", "secrets"]);

/** Compiles an http upstream. Pure: no files are read and nothing is connected. Problems go to `report`. */
export function compileHttpUpstream(config: HttpUpstreamConfig, scope: UpstreamCompileScope): HttpUpstreamPlan {
  const { path, report } = scope;
  const once: CompileScope = { variables: secretsOnly, report };
  const each: CompileScope = { variables: perCall, report };
  const plan: HttpUpstreamPlan = {
    name: scope.name,
    config,
    baseUrl: compileText(config.baseUrl, [...path, "baseUrl"], once),
    headers: compileHeaders(config.headers, [...path, "headers"], each),
    forwarded: compileForwarded(config.forwardHeaders, [...path, "forwardHeaders"], report),
    query: compileQuery(config.query, [...path, "query"], each),
    proxy: config.proxy === undefined ? undefined : compileText(config.proxy, [...path, "proxy"], once),
    tlsKey: config.tls?.key === undefined ? undefined : compileText(config.tls.key, [...path, "tls", "key"], once),
    oauth: compileClientCredentials(config, path, report),
    dependsOnCall: mentionsCall(config),
  };
  checkFixedUrls(plan, path, report);
  checkAllowList(config.egress.allow, [...path, "egress", "allow"], report);
  checkCertificate(config, path, report);
  return plan;
}

/** An expression cannot reach the call without naming one of these; a text that only holds the word costs little. */
function mentionsCall(config: HttpUpstreamConfig): boolean {
  const texts = [...Object.values(config.headers), ...Object.values(config.query)];
  return texts.some((text) => /\b(request|principal)\b/.test(text));
}

function checkFixedUrls(plan: HttpUpstreamPlan, path: DocumentPath, report: (problem: Problem) => void): void {
  const baseUrl = fixedValue(plan.baseUrl);
  if (baseUrl !== undefined) {
    const parsed = parseBaseUrl(baseUrl);
    if (typeof parsed === "string") {
      report({
        severity: "error",
        path: [...path, "baseUrl"],
        message: `the URL ${parsed}`,
        mend: "write an absolute URL such as https://api.example.com/v1",
      });
    }
  }
  const proxy = plan.proxy === undefined ? undefined : fixedValue(plan.proxy);
  if (proxy !== undefined && parseProxy(proxy) === undefined) {
    report({
      severity: "error",
      path: [...path, "proxy"],
      message: "the proxy is no http:, https: or socks5: URL",
      mend: "write a URL such as http://proxy.example:3128 or socks5://proxy.example:1080",
    });
  }
}

function checkCertificate(config: HttpUpstreamConfig, path: DocumentPath, report: (problem: Problem) => void): void {
  const { tls } = config;
  if (tls === undefined || (tls.cert === undefined) === (tls.key === undefined)) return;
  report({
    severity: "error",
    path: [...path, "tls"],
    message: "a client certificate needs both `cert` and `key`",
  });
}
