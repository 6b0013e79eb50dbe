import type { PinStore } from "../../core/pin-store.ts";
import type { Metrics } from "../metrics.ts";

/** What exposing needs besides the exposure and what the upstream offers. */
export interface ExposeContext {
  /** `tenant/name`. */
  readonly serverKey: string;
  readonly metrics: Metrics;
  readonly pins: PinStore;
}
