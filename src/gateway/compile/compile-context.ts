import type { SecretSource } from "../../core/config-source.ts";
import type { ServerDocument } from "../../core/config/document.ts";
import type { Log } from "../../core/log.ts";
import type { PinStore } from "../../core/pin-store.ts";
import type { DocumentPath, Problem, Report } from "../../core/problem.ts";
import type { KnownCatalogue } from "../catalogue/known-catalogue.ts";
import type { FileRoots } from "./file-roots.ts";
import type { Metrics } from "../metrics.ts";
import type { UpstreamHandle, UpstreamPool } from "../upstream-pool.ts";

export interface CompileOptions {
  readonly pool: UpstreamPool;
  /** Of the document's tenant. */
  readonly secrets: SecretSource;
  /** What a secret is that a template cannot do without and that is not set. */
  readonly missingSecret: Problem["severity"];
  readonly metrics: Metrics;
  readonly pins: PinStore;
  readonly log: Log;
  /** Compile JSON Schemas now, to find every problem; a reload leaves that to the first call. */
  readonly deep: boolean;
  /** What is known of MCP upstreams; what the running ones say without it. */
  readonly known?: KnownCatalogue;
}

/** What the parts of a document need while they are compiled. */
export interface CompileContext extends CompileOptions {
  /** `tenant/name`. */
  readonly serverKey: string;
  readonly document: ServerDocument;
  readonly upstreams: ReadonlyMap<string, UpstreamHandle>;
  readonly files: FileRoots | undefined;
  readonly report: Report;
}

/** Compiles a list whose entries must differ in one name, and reports those that do not. */
export function collectByName<Config, Compiled>(
  entries: readonly Config[],
  member: string,
  nameOf: (entry: Config) => string,
  compile: (entry: Config, path: DocumentPath) => Compiled | undefined,
  context: Pick<CompileContext, "report">,
): Map<string, Compiled> {
  const collected = new Map<string, Compiled>();
  entries.forEach((entry, i) => {
    const path = [member, i];
    const name = nameOf(entry);
    if (collected.has(name)) {
      context.report({
        severity: "error",
        path,
        message: `"${name}" is there twice in ${member}`,
        mend: "give each entry a name of its own",
      });
      return;
    }
    const compiled = compile(entry, path);
    if (compiled !== undefined) collected.set(name, compiled);
  });
  return collected;
}
