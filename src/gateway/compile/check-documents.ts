import type { SourceDocument, TenantSecrets } from "../../core/config-source.ts";
import { silentLog } from "../../core/log.ts";
import type { PinStore } from "../../core/pin-store.ts";
import type { LocatedProblem } from "../../core/problem.ts";
import { type Candidate, Claims } from "./claim-servers.ts";
import { locateProblem } from "./locate-problem.ts";
import { compileServer } from "./compile-server.ts";
import { Metrics } from "../metrics.ts";
import { unopenedPool } from "../upstream-pool.ts";

/** Nothing is listed while documents are judged, so there is nothing to remember. */
export const nothingPinned: PinStore = {
  generation: 0,
  get: () => undefined,
  add: () => true,
  close: async () => undefined,
};

/**
 * Judges documents as a gateway would, but deeper: JSON Schemas are compiled too. Connects to
 * nothing. A secret that is not set is a warning: documents are often judged where the secrets are not.
 * Problems come in the order of documents.
 */
export function checkDocuments(documents: readonly SourceDocument[], secrets: TenantSecrets): LocatedProblem[] {
  const options = {
    pool: unopenedPool(),
    metrics: new Metrics(),
    pins: nothingPinned,
    log: silentLog,
    deep: true,
    missingSecret: "warning",
  } as const;
  const found = new Map<string, LocatedProblem[]>();
  const candidates: Candidate[] = documents.map((source) => {
    const problems = [...source.problems];
    found.set(source.key, problems);
    if (source.document === undefined) return { key: source.key, source, compiled: undefined, lastGood: undefined };
    const { server, problems: compiled } = compileServer(source.document, source.baseDirectory, {
      ...options,
      secrets: secrets.forTenant(source.document.tenant),
    });
    problems.push(...compiled.map((problem) => locateProblem(source, problem)));
    return { key: source.key, source, compiled: server, lastGood: undefined };
  });
  const claims = new Claims();
  for (const candidate of candidates) found.get(candidate.key)?.push(...claims.claim(candidate).problems);
  return [...found.values()].flat();
}
