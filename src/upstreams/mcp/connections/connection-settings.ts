import type { JsonObject } from "../../../core/json.ts";
import type { Log } from "../../../core/log.ts";
import type { Revision } from "../../../protocol/revisions.ts";
import type { Deadlines } from "../../http/deadlines.ts";
import type { Clock } from "../lifecycle/clock.ts";

/** What all connections with one upstream have in common. */
export interface ConnectionSettings {
  /** For messages: "The upstream `files`". */
  readonly label: string;
  /** The document's key for messages: "upstreams.files". */
  readonly key: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Of all calls of the upstream. */
  readonly deadlines: Deadlines;
  readonly maxConcurrency: number;
  /** The revision that `initialize` offers. */
  readonly offeredVersion: Exclude<Revision, "2026-07-28">;
  /** What the gateway calls itself. */
  readonly clientInfo: JsonObject;
}

/** Longest time for what nobody waits for: cancellations, answers, subscriptions. */
export const asideTimeoutMs = 10_000;
