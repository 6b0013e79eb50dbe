import type { SourceDocument, TenantSecrets } from "../../core/config-source.ts";
import { silentLog } from "../../core/log.ts";
import { anonymous } from "../../core/principal.ts";
import type { LocatedProblem, Problem } from "../../core/problem.ts";
import { Metrics } from "../metrics.ts";
import { UpstreamPool } from "../upstream-pool.ts";
import { nothingPinned } from "./check-documents.ts";
import { checkOffers } from "./check-offers.ts";
import { compileServer } from "./compile-server.ts";
import { locateProblem } from "./locate-problem.ts";

/** Documents whose upstreams are asked at once: each may start several programs. */
const maxAtOnce = 4;

/**
 * Connects to the MCP upstreams of documents that compile, as nobody in particular, lists what they
 * offer, and tells what would be missing. Takes as long as the slowest `startTimeoutMs`; starts the
 * programs that documents name, and ends them.
 */
export async function checkConnected(
  documents: readonly SourceDocument[],
  secrets: TenantSecrets,
): Promise<LocatedProblem[]> {
  const ignore = (): void => undefined;
  const pool = new UpstreamPool({ log: silentLog, events: { catalogueChanged: ignore, notified: ignore } });
  const found = new Map<SourceDocument, readonly LocatedProblem[]>();
  const left = documents.values();
  const work = async (): Promise<void> => {
    for (const source of left) found.set(source, await checkOne(source, pool, secrets));
  };
  try {
    await Promise.all(Array.from({ length: maxAtOnce }, work));
  } finally {
    await pool.close();
  }
  return documents.flatMap((source) => found.get(source) ?? []);
}

async function checkOne(source: SourceDocument, pool: UpstreamPool, secrets: TenantSecrets): Promise<LocatedProblem[]> {
  if (source.document === undefined) return [];
  const { server } = compileServer(source.document, source.baseDirectory, {
    pool,
    secrets: secrets.forTenant(source.document.tenant),
    missingSecret: "warning",
    metrics: new Metrics(),
    pins: nothingPinned,
    log: silentLog,
    deep: false,
  });
  if (server === undefined) return [];
  const view = await server.catalogue.ready(anonymous);
  const problems: Problem[] = checkOffers(server, view);
  return problems.map((problem) => locateProblem(source, problem));
}
