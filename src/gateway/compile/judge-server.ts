import type { Judgement } from "../../core/judgement.ts";
import type { SecretUse } from "../../core/problem.ts";
import type { CompiledServer } from "./compiled-server.ts";

/**
 * What is to be known of a good server, so that it can be served and is compiled by its first call. Absent for one
 * that connects before anybody calls: it is to be compiled at once.
 */
export function judgeServer(server: CompiledServer, secrets: readonly SecretUse[]): Judgement | undefined {
  const { tenant, name, routes, sizes, upstreams } = server;
  if (upstreams.some((upstream) => upstream.kind === "mcp" && upstream.config.eager)) return undefined;
  return {
    tenant,
    name,
    routes: routes.map(({ config, visibleHeaders }) => ({ config, visibleHeaders })),
    secrets,
    sizes,
  };
}
