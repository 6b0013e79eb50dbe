import type { JsonObject } from "../core/json.ts";
import type { Principal } from "../core/principal.ts";
import { filterServerInfo } from "../protocol/revision-filter.ts";
import { modernRevisions, type Rank, rank } from "../protocol/revisions.ts";
import { systemClock } from "../upstreams/mcp/lifecycle/clock.ts";
import { settledWithin } from "../upstreams/mcp/lifecycle/settled-within.ts";
import type { CompiledServer } from "./compile/compiled-server.ts";

/** Longest wait for the instructions of upstreams that were never listed; a client that connects is waiting. */
const instructionsMs = 2_000;

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
export function describeLegacyServer(server: CompiledServer, client: LegacyClient): string | Promise<string> {
  const { protocolVersion, rank: receiver } = client;
  return withInstructions(server, client.principal, (instructions) =>
    JSON.stringify({
      protocolVersion,
      capabilities: receiver >= rank["2025-03-26"] ? { ...capabilities, completions: {} } : capabilities,
      serverInfo: filterServerInfo(server.info, receiver),
      instructions,
    }),
  );
}

/** The result of `server/discover` (2026-07-28). */
export function describeModernServer(server: CompiledServer, principal: Principal): string | Promise<string> {
  const { caching } = server.document;
  return withInstructions(server, principal, (instructions) => {
    const result = JSON.stringify({
      resultType: "complete",
      supportedVersions: modernRevisions,
      capabilities: { ...capabilities, completions: {} },
      instructions,
      ttlMs: caching.ttlMs,
      cacheScope: caching.scope,
    });
    return `${result.slice(0, -1)}${server.modernMeta}}`;
  });
}

/** A document without instructions has those of its MCP upstreams, as far as they are known in time. */
function withInstructions(
  { document, catalogue }: CompiledServer,
  principal: Principal,
  describe: (instructions: string | undefined) => string,
): string | Promise<string> {
  if (document.instructions !== undefined) return describe(document.instructions);
  const ready = catalogue.ready(principal);
  if (!(ready instanceof Promise)) return describe(ready.instructions);
  return settledWithin(ready, instructionsMs, systemClock).then(() =>
    describe(catalogue.current(principal).instructions),
  );
}
