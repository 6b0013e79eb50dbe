import type { JsonObject } from "../../core/json.ts";
import type { ImportReport } from "../report/import-report.ts";
import type { NeededSecret } from "../secrets/needed-secrets.ts";

/** What an importer makes of foreign configuration. */
export interface ImportedDocuments {
  /** Documents as plain values, without defaults; none when everything was refused. */
  readonly documents: readonly JsonObject[];
  readonly report: ImportReport;
  /** Secrets that the documents name; each has to be set before they work. */
  readonly secrets: readonly NeededSecret[];
}

/** How the documents of an import are called. */
export interface NamingOptions {
  /** Name of the document; made from what is imported when absent. */
  readonly name?: string | undefined;
  /** Prefix of the route; `/NAME` when absent. */
  readonly prefix?: string | undefined;
}
