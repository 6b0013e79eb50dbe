import type { RequestView } from "../core/call.ts";
import type { SecretSource } from "../core/config-source.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import type { Principal } from "../core/principal.ts";
import type { Report } from "../core/problem.ts";

/** Everything that expressions can ever see; which of it a place offers says its `CompileScope`. */
export const variables = ["args", "request", "principal", "secrets", "response", "event"] as const;
export type Variable = (typeof variables)[number];

/** What the backend answered. Header names are lower-case. */
export interface ResponseView {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonValue;
}

/** One event of a backend that streams. */
export interface EventView {
  readonly type: string;
  readonly id: string;
  readonly data: JsonValue;
}

/** The values an evaluation sees. `response` and `event` are there where the compile scope offered them. */
export interface Scope {
  readonly args: JsonObject;
  readonly request: RequestView;
  readonly principal: Principal;
  readonly secrets: SecretSource;
  readonly response?: ResponseView;
  readonly event?: EventView;
}

/** What a place in a document offers to its expressions, and who hears of their problems. */
export interface CompileScope {
  readonly variables: ReadonlySet<Variable>;
  /** Names that `args` can have; others are reported as warnings. Without it `args` is not checked. */
  readonly argumentNames?: ReadonlySet<string>;
  readonly report: Report;
}

/**
 * A compiled value of a document. One whose compilation reported an error throws
 * `AppError("invalid_configuration")` when it is evaluated all the same.
 */
export interface Template<T> {
  /** The value is the same for every scope; it is shared, so do not change it. */
  readonly constant: boolean;
  /** Names of the secrets that an evaluation reads. */
  readonly secrets: readonly string[];
  /**
   * Free of side effects. Fails with `AppError`: `invalid_params` when an argument does not suit,
   * `upstream_failed` when a response or event does not, `invalid_configuration` for a missing secret.
   */
  evaluate(scope: Scope): T;
}
