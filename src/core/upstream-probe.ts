import type { DocumentRef } from "./config-store.ts";

/**
 * What is looked at, in this order: for a URL `configuration`, `dns`, `tcp`, `tls`, `http`, `protocol`, `auth`; for a
 * program `configuration`, `command`, `start`, `protocol`, `end`.
 */
export type ProbeStepName =
  | "configuration"
  | "dns"
  | "tcp"
  | "tls"
  | "http"
  | "protocol"
  | "auth"
  | "command"
  | "start"
  | "end";

export interface ProbeStep {
  readonly name: ProbeStepName;
  /** Which of several URLs; origin and path, or a number where the URL is a secret. */
  readonly target?: string;
  /** `skipped`: there is nothing to look at, or an earlier step says that it cannot be looked at. */
  readonly outcome: "ok" | "warning" | "failed" | "skipped";
  readonly ms: number;
  /** What was found, one or two sentences; with a failure also how to mend it. No values of secrets. */
  readonly message: string;
  readonly details?: Readonly<Record<string, string | number>>;
}

export type ProbeTarget =
  /** An upstream of the newest version of a saved server. */
  | ({ readonly kind: "saved"; readonly upstream: string } & DocumentRef)
  /** Configuration of an upstream as in a document, `kind: http` or `mcp` with a URL. There is no way to start a program. */
  | { readonly kind: "unsaved"; readonly tenant: string; readonly config: unknown };

/** Finds out why an upstream cannot be reached, by the rules that calls go by. */
export interface UpstreamProber {
  /**
   * Steps as they are done; a failed step may be followed by others. Whoever stops reading ends the probe. Takes a
   * minute and a half at most.
   *
   * Fails, before the first step, with `not_found`, `unprocessable` (`data.problems`: what is wrong with the
   * configuration), `forbidden` (a program that is not saved), `overloaded`, `unavailable`.
   */
  probe(target: ProbeTarget, signal: AbortSignal): Promise<AsyncIterable<ProbeStep>>;
}
