import { checkDocument } from "../../core/config/check-document.ts";
import { silentLog } from "../../core/log.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Problem } from "../../core/problem.ts";
import { nothingPinned } from "../../gateway/compile/check-documents.ts";
import { compileServer } from "../../gateway/compile/compile-server.ts";
import { Metrics } from "../../gateway/metrics.ts";
import { unopenedPool } from "../../gateway/upstream-pool.ts";

/** Up to so many tools their schemas are compiled to code, as `check` does; it takes some milliseconds each. */
const mostCompiledDeep = 300;

/**
 * What a gateway would say of a document that no file holds yet, without connecting to anything. Secrets count as
 * absent, which is a warning only. The schemas of very long lists are not compiled: a gateway compiles them when they
 * are first used.
 */
export function judgeValue(value: JsonObject): readonly Problem[] {
  const { document, problems } = checkDocument(value);
  if (document === undefined) return problems;
  return compileServer(document, undefined, {
    pool: unopenedPool(),
    metrics: new Metrics(),
    pins: nothingPinned,
    log: silentLog,
    deep: document.tools.length <= mostCompiledDeep,
    missingSecret: "warning",
    secrets: { get: () => undefined },
  }).problems;
}
