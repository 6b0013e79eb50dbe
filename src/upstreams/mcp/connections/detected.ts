import type { McpUpstreamConfig } from "../../../core/config/mcp-upstream-schema.ts";

/** What was found out about a server; kept by the upstream so that it is found out once. */
export interface Detected {
  transport: "stdio" | "sse" | "streamable-http" | undefined;
  era: "legacy" | "modern" | undefined;
  /** `performance.now()` of the detection; it is made again after a while. */
  at: number;
}

/** What is spoken to a server; `auto` is found out. */
export interface Expected {
  readonly transport: McpUpstreamConfig["transport"];
  readonly era: McpUpstreamConfig["era"];
}

/** How long a verdict counts: a server may have learned another revision since. */
const verdictMs = 600_000;

/** What configuration leaves open is filled in with what was found out not long ago. */
export function expectedOf(config: McpUpstreamConfig, detected: Detected, now: number): Expected {
  const isFresh = now - detected.at < verdictMs;
  const transport = (isFresh ? detected.transport : undefined) ?? "auto";
  const era = (isFresh ? detected.era : undefined) ?? "auto";
  return {
    transport: config.transport === "auto" ? transport : config.transport,
    era: config.era === "auto" ? era : config.era,
  };
}

export function remember(detected: Detected, found: Required<Pick<Detected, "transport" | "era">>, now: number): void {
  detected.transport = found.transport;
  detected.era = found.era;
  detected.at = now;
}

export function forget(detected: Detected): void {
  detected.transport = undefined;
  detected.era = undefined;
}
