import type { SourceDocument, TenantSecrets } from "../core/config-source.ts";
import type { LocatedProblem } from "../core/problem.ts";
import { checkConnected as checkOffered } from "../gateway/compile/check-connected.ts";
import { checkDocuments as checkAll } from "../gateway/compile/check-documents.ts";

/** What the MCP upstreams of these documents do not offer, or not at all; starts the programs that they name. */
export function checkConnected(
  documents: readonly SourceDocument[],
  secrets: TenantSecrets,
): Promise<LocatedProblem[]> {
  return checkOffered(documents, secrets);
}

/** Every problem of these documents, across documents too, without connecting to anything. */
export function checkDocuments(documents: readonly SourceDocument[], secrets: TenantSecrets): LocatedProblem[] {
  return checkAll(documents, secrets);
}
