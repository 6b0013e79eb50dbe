import type { McpUpstreamConfig, OAuthConfig } from "../../core/config/mcp-upstream-schema.ts";
import type { DocumentPath, Problem, Report } from "../../core/problem.ts";
import { type CompileScope, compileText, type Template, type Variable } from "../../expressions/template.ts";
import { checkAllowList } from "../egress-guard.ts";
import { checkedText, fixedValue } from "../http/fixed-template.ts";
import type { HeaderEntry } from "../http/header-plan.ts";
import { headerValue } from "../http/wire-text.ts";
import { parseProxy } from "../socket/proxy-tunnel.ts";
import { checkMcpReach } from "./check-mcp-reach.ts";
import { isSettableHeader } from "./http/identity-headers.ts";
import { parseMcpUrl } from "./http/parse-mcp-url.ts";
import { checkOAuth } from "./oauth/check-oauth.ts";

type Text = Template<string | undefined>;

/** A compiled mcp upstream, before its secrets are known. */
export interface McpUpstreamPlan {
  readonly name: string;
  readonly config: McpUpstreamConfig;
  /** Where a relative `cwd` starts; undefined when the document has no folder. */
  readonly baseDirectory: string | undefined;
  readonly args: readonly Text[];
  readonly env: readonly (readonly [name: string, value: Text])[];
  /** `url` and `replicas`; empty for a stdio server. */
  readonly urls: readonly Text[];
  /** Only they may depend on the principal. */
  readonly headers: readonly HeaderEntry[];
  /** Whether they do: then the requests of two principals never look alike. */
  readonly dependsOnPrincipal: boolean;
  readonly proxy: Text | undefined;
  readonly tlsKey: Text | undefined;
  readonly oauth: OAuthPlan | undefined;
}

/** The secrets of `oauth`. */
export interface OAuthPlan {
  readonly config: OAuthConfig;
  readonly clientId: Text;
  readonly clientSecret: Text | undefined;
  readonly privateKey: Text | undefined;
  readonly accessToken: Text | undefined;
  readonly refreshToken: Text | undefined;
}

export interface McpUpstreamCompileScope {
  /** The upstream's key in the document. */
  readonly name: string;
  /** Place of the upstream in the document. */
  readonly path: DocumentPath;
  readonly baseDirectory: string | undefined;
  readonly report: Report;
}

const secretsOnly: ReadonlySet<Variable> = new Set<Variable>(["secrets"]);
const perPrincipal: ReadonlySet<Variable> = new Set<Variable>(["principal", "secrets"]);

/** Compiles an mcp upstream. Pure: nothing is started or connected. Problems go to `report`. */
export function compileMcpUpstream(config: McpUpstreamConfig, scope: McpUpstreamCompileScope): McpUpstreamPlan {
  const { path, report } = scope;
  checkMcpReach(config, path, report);
  checkOAuth(config, path, report);
  checkAllowList(config.egress.allow, [...path, "egress", "allow"], report);
  const once: CompileScope = { variables: secretsOnly, report };
  const forHeaders: CompileScope = config.sharing === "per-principal" ? { variables: perPrincipal, report } : once;
  const text = (value: string, ...keys: readonly (string | number)[]): Text =>
    compileText(value, [...path, ...keys], once);
  const optional = (value: string | undefined, ...keys: readonly string[]): Text | undefined =>
    value === undefined ? undefined : text(value, ...keys);
  const { oauth } = config;
  const plan: McpUpstreamPlan = {
    name: scope.name,
    config,
    baseDirectory: scope.baseDirectory,
    args: config.args.map((value, index) => text(value, "args", index)),
    env: Object.entries(config.env).map(([name, value]) => [name, text(value, "env", name)]),
    urls: [
      ...(config.url === undefined ? [] : [text(config.url, "url")]),
      ...config.replicas.map((value, index) => text(value, "replicas", index)),
    ],
    headers: compileOwnHeaders(config, path, forHeaders),
    dependsOnPrincipal: config.sharing === "per-principal" && mentionsPrincipal(config),
    proxy: optional(config.proxy, "proxy"),
    tlsKey: optional(config.tls?.key, "tls", "key"),
    oauth:
      oauth === undefined
        ? undefined
        : {
            config: oauth,
            clientId: text(oauth.clientId, "oauth", "clientId"),
            clientSecret: optional(oauth.clientSecret, "oauth", "clientSecret"),
            privateKey: optional(oauth.privateKey, "oauth", "privateKey"),
            accessToken: optional(oauth.accessToken, "oauth", "accessToken"),
            refreshToken: optional(oauth.refreshToken, "oauth", "refreshToken"),
          },
  };
  checkFixedUrls(plan, path, report);
  return plan;
}

/** Those that the document may set; names that are the gateway's own are reported and left out. */
function compileOwnHeaders(config: McpUpstreamConfig, path: DocumentPath, scope: CompileScope): HeaderEntry[] {
  const entries: HeaderEntry[] = [];
  for (const [name, text] of Object.entries(config.headers)) {
    const at = [...path, "headers", name];
    if (!isSettableHeader(name)) {
      const message = `the header \`${name}\` cannot be set`;
      scope.report({ severity: "error", path: at, atKey: true, message, mend: "remove it; the gateway writes it" });
      continue;
    }
    const problem = { path: at, message: "the value holds a line break or another control character" };
    const value = checkedText(compileText(text, at, scope), (text) => headerValue(name, text), problem, scope.report);
    entries.push({ name: name.toLowerCase(), value });
  }
  return entries;
}

/** An expression cannot reach the principal without naming it; a text that only holds the word costs little. */
function mentionsPrincipal({ headers }: McpUpstreamConfig): boolean {
  return Object.values(headers).some((text) => /\bprincipal\b/.test(text));
}

/** What is wrong with URLs that hold no secret is found with the document. */
function checkFixedUrls(
  { urls, proxy }: McpUpstreamPlan,
  path: DocumentPath,
  report: (problem: Problem) => void,
): void {
  urls.forEach((template, index) => {
    const text = fixedValue(template);
    const fault = text === undefined ? undefined : parseMcpUrl(text);
    if (typeof fault !== "string") return;
    const at = index === 0 ? ["url"] : ["replicas", index - 1];
    const mend = "write an absolute URL such as https://mcp.example.com/mcp";
    report({ severity: "error", path: [...path, ...at], message: `the URL ${fault}`, mend });
  });
  const text = proxy === undefined ? undefined : fixedValue(proxy);
  if (text === undefined || parseProxy(text) !== undefined) return;
  const mend = "write a URL such as http://proxy.example:3128 or socks5://proxy.example:1080";
  const message = "the proxy is no http:, https: or socks5: URL";
  report({ severity: "error", path: [...path, "proxy"], message, mend });
}
