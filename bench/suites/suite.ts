import type { RoundsPlan } from "../harness/rounds.ts";
import type { Workshop } from "../harness/workshop.ts";

export type Mode = "full" | "quick";

/** What a suite gets to work with. */
export interface Bench {
  readonly mode: Mode;
  readonly workshop: Workshop;
  readonly plan: RoundsPlan;
  readonly random: () => number;
  /** Shows what is going on. */
  readonly onStep: (text: string) => void;
}

/** One promise of the gateway. */
export interface RowSpec {
  /** For `--only`. */
  readonly name: string;
  readonly work: string;
  /** The limit as it is shown. */
  readonly limit: string;
}

/** What was found for one promise. */
export interface RowResult {
  readonly name: string;
  /** The figure that is compared with the limit, as it is shown; `-` when there is none. */
  readonly measured: string;
  readonly isOk: boolean;
  /** Spread over processes, further figures, or why there is no figure. */
  readonly remark: string;
  /** Everything that was measured, for the JSON. */
  readonly figures: unknown;
}

/** Rows that are measured together. */
export interface Suite {
  readonly rows: readonly RowSpec[];
  /** Measures the wanted rows. Fails as a whole when something cannot be started or answers wrongly. */
  measure(bench: Bench, wanted: ReadonlySet<string>): Promise<readonly RowResult[]>;
}
