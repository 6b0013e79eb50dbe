import type { JsonObject } from "../core/json.ts";
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

/** The result of `initialize`. */
export function describeLegacyServer(server: CompiledServer, protocolVersion: string, receiver: Rank): string {
  return JSON.stringify({
    protocolVersion,
    capabilities: receiver >= rank["2025-03-26"] ? { ...capabilities, completions: {} } : capabilities,
    serverInfo: filterServerInfo(server.info, receiver),
    ...instructionsOf(server),
  });
}

/** The result of `server/discover` (2026-07-28). */
export function describeModernServer(server: CompiledServer): string {
  const { caching } = server.document;
  const result = JSON.stringify({
    resultType: "complete",
    supportedVersions: modernRevisions,
    capabilities: { ...capabilities, completions: {} },
    ...instructionsOf(server),
    ttlMs: caching.ttlMs,
    cacheScope: caching.scope,
  });
  return `${result.slice(0, -1)}${server.modernMeta}}`;
}

function instructionsOf(server: CompiledServer): { instructions?: string } {
  const { instructions } = server.document;
  return instructions === undefined ? {} : { instructions };
}
