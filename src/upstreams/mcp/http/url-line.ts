import type { Admission } from "../../http/admission.ts";
import type { Deadlines } from "../../http/deadlines.ts";
import type { FailureWords } from "../../http/failure.ts";
import type { ConnectionPool } from "./connection-pool.ts";
import type { UrlHealth } from "./url-health.ts";

/** What all exchanges with one URL share. */
export interface UrlLine {
  readonly url: URL;
  readonly words: FailureWords;
  readonly maxMessageBytes: number;
  readonly pool: ConnectionPool;
  /** Bounds the calls that are under way at once and have no stream. */
  readonly admission: Admission;
  readonly health: UrlHealth;
  /** Of exchanges that were released: when they lose their sockets. */
  readonly lingering: Deadlines;
  readonly now: () => number;
}
