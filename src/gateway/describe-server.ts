import type { JsonObject } from "../core/json.ts";
import type { Principal } from "../core/principal.ts";
import { filterServerInfo } from "../protocol/revision-filter.ts";
import { modernRevisions, type Rank, rank } from "../protocol/revisions.ts";
import type { CompiledServer } from "./compile/compiled-server.ts";

// All lists are announced even while empty: a reload may fill them while clients are connected.
const capabilities: JsonObject = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  logging: {},
};

/** Who gets the result of `initialize`. */
export interface LegacyClient {
  readonly principal: Principal;
  readonly protocolVersion: string;
  readonly rank: Rank;
}

/** The result of `initialize`. */
export function describeLegacyServer(
  server: CompiledServer,
  { principal, protocolVersion, rank: receiver }: LegacyClient,
): string {
  return JSON.stringify({
    protocolVersion,
    capabilities: receiver >= rank["2025-03-26"] ? { ...capabilities, completions: {} } : capabilities,
    serverInfo: filterServerInfo(server.info, receiver),
    ...instructionsOf(server, principal),
  });
}

/** The result of `server/discover` (2026-07-28). */
export function describeModernServer(server: CompiledServer, principal: Principal): string {
  const { caching } = server.document;
  const result = JSON.stringify({
    resultType: "complete",
    supportedVersions: modernRevisions,
    capabilities: { ...capabilities, completions: {} },
    ...instructionsOf(server, principal),
    ttlMs: caching.ttlMs,
    cacheScope: caching.scope,
  });
  return `${result.slice(0, -1)}${server.modernMeta}}`;
}

function instructionsOf({ catalogue }: CompiledServer, principal: Principal): { instructions?: string } {
  const { instructions } = catalogue.current(principal);
  return instructions === undefined ? {} : { instructions };
}
