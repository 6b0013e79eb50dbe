import type { KeyRing } from "../access/key-ring.ts";
import type { Log } from "../core/log.ts";
import type { AccessLog } from "./access-log.ts";
import type { FirstLoad } from "./first-load.ts";
import type { HostGuard } from "../access/host-guard.ts";
import type { ParkingLot } from "./input/parking-lot.ts";
import type { KeepAlive } from "./sessions/keep-alive.ts";
import type { ListenHub } from "./sessions/listen-hub.ts";
import type { Metrics } from "./metrics.ts";
import type { SessionRegistry } from "./sessions/session-registry.ts";
import type { Snapshot } from "./snapshot.ts";

/** What the parts of one gateway share. Made once, by `createGateway`. */
export interface GatewayState {
  /** What is served now; a reload replaces it. */
  snapshot: Snapshot;
  /** The first load; undefined once it is over. */
  loading: FirstLoad | undefined;
  /** No new work is taken; what runs is finished. */
  draining: boolean;
  /** Path below which a reverse proxy serves this gateway, without `/` at the end; usually empty. */
  readonly publicPath: string;
  readonly sessions: SessionRegistry;
  readonly listeners: ListenHub;
  readonly parking: ParkingLot;
  readonly keepAlive: KeepAlive;
  readonly hostGuard: HostGuard;
  readonly keys: KeyRing;
  readonly metrics: Metrics;
  readonly accessLog: AccessLog;
  readonly log: Log;
}
