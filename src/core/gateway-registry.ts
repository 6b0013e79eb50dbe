import type { LocatedProblem } from "./problem.ts";

/** A document that a gateway does not serve in its newest version. */
export interface RefusedDocument {
  readonly tenant: string;
  readonly name: string;
  /** `kept`: the last good version serves on. */
  readonly state: "kept" | "refused";
  /** The first problems of it, at most 5. */
  readonly problems: readonly LocatedProblem[];
}

/** What a gateway says about itself. */
export interface GatewayReport {
  /** Made anew at each start of the process. */
  readonly id: string;
  /** Name for people: of the host unless it is set. */
  readonly name: string;
  readonly version: string;
  /** Where clients reach it. */
  readonly url: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Revision of the store that is served; 0 before the first. */
  readonly revision: number;
  /** When that revision was served first; milliseconds since 1970. */
  readonly servedAt: number;
  readonly servers: number;
  readonly sessions: number;
  readonly refused: readonly RefusedDocument[];
}

export interface GatewayStatus extends GatewayReport {
  /** Milliseconds since 1970, by the clock of the registry's process. */
  readonly reportedAt: number;
}

/** Where gateways say what they serve. Calls may overlap. Errors: `unavailable`. */
export interface ReportReceiver {
  report(report: GatewayReport): Promise<void>;
  /** The gateway has ended as it should. */
  leave(id: string): Promise<void>;
  close(): Promise<void>;
}

/** Everything that gateways say. Those that ended without a word are forgotten after a day. */
export interface GatewayRegistry extends ReportReceiver {
  /** Those that reported after `since`, by name; milliseconds since 1970. */
  list(since: number): Promise<readonly GatewayStatus[]>;
}
