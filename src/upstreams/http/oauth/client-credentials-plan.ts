import type { ClientCredentialsConfig } from "../../../core/config/client-credentials-schema.ts";
import type { HttpUpstreamConfig } from "../../../core/config/upstream-schema.ts";
import type { DocumentPath, Report } from "../../../core/problem.ts";
import { type CompileScope, compileText, type Template, type Variable } from "../../../expressions/template.ts";
import { compileHeaders, type HeaderEntry } from "../header-plan.ts";
import { checkClientCredentials } from "./check-client-credentials.ts";

type Text = Template<string | undefined>;

/** The compiled `oauth` of a REST upstream, before its secrets are known. */
export interface ClientCredentialsPlan {
  readonly config: ClientCredentialsConfig;
  readonly clientId: Text;
  readonly clientSecret: Text;
  readonly audience: Text | undefined;
  /** Of the request for a token. */
  readonly headers: readonly HeaderEntry[];
}

const secretsOnly: ReadonlySet<Variable> = new Set<Variable>(["secrets"]);

/**
 * Compiles `oauth` of the upstream that stands at `path`; undefined when it has none. Pure; problems go
 * to `report`.
 */
export function compileClientCredentials(
  upstream: HttpUpstreamConfig,
  path: DocumentPath,
  report: Report,
): ClientCredentialsPlan | undefined {
  const { oauth } = upstream;
  if (oauth === undefined) return undefined;
  checkClientCredentials(oauth, upstream, path, report);
  const at = [...path, "oauth"];
  const scope: CompileScope = { variables: secretsOnly, report };
  return {
    config: oauth,
    clientId: compileText(oauth.clientId, [...at, "clientId"], scope),
    clientSecret: compileText(oauth.clientSecret, [...at, "clientSecret"], scope),
    audience: oauth.audience === undefined ? undefined : compileText(oauth.audience, [...at, "audience"], scope),
    headers: compileHeaders(oauth.headers, [...at, "headers"], scope),
  };
}
