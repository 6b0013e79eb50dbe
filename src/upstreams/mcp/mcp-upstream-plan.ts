import type { McpUpstreamConfig, OAuthConfig } from "../../core/config/mcp-upstream-schema.ts";
import type { DocumentPath, Problem } from "../../core/problem.ts";
import { type CompileScope, compileText, type Template, type Variable } from "../../expressions/template.ts";
import { checkAllowList } from "../egress-guard.ts";

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
  /** Names and values; only they may depend on the principal. */
  readonly headers: readonly (readonly [name: string, value: Text])[];
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
  readonly report: (problem: Problem) => void;
}

const secretsOnly: ReadonlySet<Variable> = new Set<Variable>(["secrets"]);
const perPrincipal: ReadonlySet<Variable> = new Set<Variable>(["principal", "secrets"]);

/** Compiles an mcp upstream. Pure: nothing is started or connected. Problems go to `report`. */
export function compileMcpUpstream(config: McpUpstreamConfig, scope: McpUpstreamCompileScope): McpUpstreamPlan {
  const { path, report } = scope;
  checkReach(config, path, report);
  checkAllowList(config.egress.allow, [...path, "egress", "allow"], report);
  const once: CompileScope = { variables: secretsOnly, report };
  const forHeaders: CompileScope = config.sharing === "per-principal" ? { variables: perPrincipal, report } : once;
  const text = (value: string, ...keys: readonly (string | number)[]): Text =>
    compileText(value, [...path, ...keys], once);
  const optional = (value: string | undefined, ...keys: readonly string[]): Text | undefined =>
    value === undefined ? undefined : text(value, ...keys);
  const { oauth } = config;
  return {
    name: scope.name,
    config,
    baseDirectory: scope.baseDirectory,
    args: config.args.map((value, index) => text(value, "args", index)),
    env: Object.entries(config.env).map(([name, value]) => [name, text(value, "env", name)]),
    urls: [
      ...(config.url === undefined ? [] : [text(config.url, "url")]),
      ...config.replicas.map((value, index) => text(value, "replicas", index)),
    ],
    headers: Object.entries(config.headers).map(([name, value]) => [
      name,
      compileText(value, [...path, "headers", name], forHeaders),
    ]),
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
}

/** Either a program or a URL says how the server is reached. */
function checkReach(config: McpUpstreamConfig, path: DocumentPath, report: (problem: Problem) => void): void {
  const { transport, command, url } = config;
  const error = (key: string, message: string, mend: string): void =>
    report({ severity: "error", path: [...path, key], message, mend });
  if (command !== undefined && url !== undefined) {
    error("url", "the upstream has both a command and a url", "keep the one that it is reached by");
    return;
  }
  if (transport === "stdio" && command === undefined) {
    error("transport", "a stdio upstream needs a command", "add `command`, the program to start");
    return;
  }
  if ((transport === "sse" || transport === "streamable-http") && url === undefined) {
    error("transport", `a ${transport} upstream needs a url`, "add `url`, the address of its endpoint");
    return;
  }
  if (command === undefined && url === undefined) {
    error(
      "kind",
      "the upstream has neither a command nor a url",
      "add `command` for a program, or `url` for an address",
    );
  }
}
