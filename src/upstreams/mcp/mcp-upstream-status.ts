import type { AppError } from "../../core/errors.ts";
import { type Catalogue, emptyCatalogue } from "./catalogue.ts";
import type { CatalogueSupply } from "./catalogue/catalogue-supply.ts";
import type { Detected } from "./connect.ts";
import type { UrlStatus } from "./http/mcp-http-client.ts";
import type { SlotState } from "./lifecycle/connection-slot.ts";
import type { SlotTable } from "./lifecycle/slot-table.ts";
import type { OpenedReach } from "./open-reach.ts";

/** An MCP upstream as the operator sees it. */
export interface McpUpstreamStatus {
  readonly kind: "mcp";
  /** `ready` when any connection is, else `opening`, `failed` (down), `idle`; `ended` when it is closed. */
  readonly state: SlotState;
  readonly transport: Detected["transport"];
  readonly era: Detected["era"];
  readonly protocolVersion: string | undefined;
  /** Connections that are open, being opened or being closed. */
  readonly connections: number;
  readonly inFlight: number;
  readonly watches: number;
  /** The catalogue of everybody, or the one that was asked for last. */
  readonly catalogue: {
    readonly state: Catalogue["state"];
    readonly tools: number;
    readonly prompts: number;
    readonly resources: number;
    readonly resourceTemplates: number;
  };
  /** Catalogues that are remembered; more than one when each principal has its own. */
  readonly catalogues: number;
  readonly restarts: number;
  readonly lastError: string | undefined;
  /** ISO 8601. */
  readonly lastErrorAt: string | undefined;
  readonly urls: readonly UrlStatus[] | undefined;
}

export interface UpstreamParts {
  /** Undefined when the configuration cannot be used: every call fails. */
  readonly reach: OpenedReach | undefined;
  readonly table: SlotTable;
  readonly supply: CatalogueSupply;
  readonly lastError: AppError | undefined;
  readonly lastErrorAt: string | undefined;
  readonly isClosed: boolean;
}

/** From the most to the least telling. */
const states: readonly SlotState[] = ["ready", "opening", "failed", "idle"];

export function describeUpstream(parts: UpstreamParts): McpUpstreamStatus {
  const { reach, table, supply, lastError, lastErrorAt } = parts;
  const slots = [...table.slots()];
  const catalogue = supply.recent ?? emptyCatalogue;
  const server = slots.find((slot) => slot.connection !== undefined)?.connection?.server ?? catalogue.server;
  return {
    kind: "mcp",
    state: stateOf(parts, new Set(slots.map((slot) => slot.state))),
    transport: reach?.detected.transport,
    era: reach?.detected.era,
    protocolVersion: server?.protocolVersion,
    connections: table.occupied,
    inFlight: sum(slots.map((slot) => slot.connection?.inFlight ?? 0)),
    watches: sum(slots.map((slot) => slot.watches.count)),
    catalogue: {
      state: catalogue.state,
      tools: catalogue.tools.length,
      prompts: catalogue.prompts.length,
      resources: catalogue.resources.length,
      resourceTemplates: catalogue.resourceTemplates.length,
    },
    catalogues: supply.size,
    restarts: table.restarts,
    lastError: lastError?.message,
    lastErrorAt,
    urls: reach?.urls(),
  };
}

function stateOf({ isClosed, reach }: UpstreamParts, found: ReadonlySet<SlotState>): SlotState {
  if (isClosed) return "ended";
  if (reach === undefined) return "failed";
  return states.find((state) => found.has(state)) ?? "idle";
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
