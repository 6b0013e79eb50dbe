import type { DocumentProblem, Gateway, ServerVersion } from "../../api/operations.generated.ts";

/** What the running gateways make of the newest version of a server. */
export type Serving =
  | { readonly kind: "none" }
  | { readonly kind: "live"; readonly count: number }
  | { readonly kind: "partly"; readonly live: number; readonly count: number }
  | { readonly kind: "waiting" }
  /** Some gateway will not have it; `kept` serves an older version, `refused` none. */
  | { readonly kind: "kept" | "refused"; readonly problems: readonly DocumentProblem[] };

/** A refusal anywhere is told first: it does not pass by itself. Dead gateways serve nobody. */
export function servingOf(version: ServerVersion, gateways: readonly Gateway[]): Serving {
  const running = gateways.filter(({ state }) => state === "live");
  if (running.length === 0) return { kind: "none" };
  const refusals = running.flatMap(({ refused }) =>
    refused.filter(({ tenant, name }) => tenant === version.tenant && name === version.name),
  );
  const refusal = refusals.find(({ state }) => state === "refused") ?? refusals[0];
  if (refusal !== undefined) return { kind: refusal.state, problems: refusal.problems };
  const live = running.filter(({ revision }) => revision >= version.revision).length;
  if (live === running.length) return { kind: "live", count: live };
  return live === 0 ? { kind: "waiting" } : { kind: "partly", live, count: running.length };
}
