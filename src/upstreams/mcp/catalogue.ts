import type { JsonObject } from "../../core/json.ts";
import type { ServerDescription } from "./connection.ts";

/** What an MCP server offers, all pages, entries as it wrote them (integers beyond 2^53 as `bigint`). */
export interface Catalogue {
  /** Grows with every change of the entries or of the state. */
  readonly version: number;
  /**
   * `pending`: never listed yet. `current`: as last listed, and the upstream is not known to be down.
   * `stale`: the last known lists of an upstream that is down.
   */
  readonly state: "pending" | "current" | "stale";
  /** Undefined while pending. */
  readonly server: ServerDescription | undefined;
  readonly tools: readonly JsonObject[];
  readonly prompts: readonly JsonObject[];
  readonly resources: readonly JsonObject[];
  readonly resourceTemplates: readonly JsonObject[];
}

export const emptyCatalogue: Catalogue = Object.freeze({
  version: 0,
  state: "pending",
  server: undefined,
  tools: [],
  prompts: [],
  resources: [],
  resourceTemplates: [],
});
