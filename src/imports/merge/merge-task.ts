import type { JsonObject } from "../../core/json.ts";
import type { OpenApiImport } from "../openapi/openapi-import.ts";
import type { MergeOptions } from "./merge-import.ts";
import type { MergedImport } from "./merge-result.ts";

/** A document that what is made is carried into. */
export interface MergeTask {
  /** What the import of then made. */
  readonly base: JsonObject;
  /** Text of the document. */
  readonly mine: string;
  readonly options: MergeOptions;
}

export interface CompiledImport extends OpenApiImport {
  /** Absent when there was nothing to merge into. */
  readonly merged?: MergedImport;
}
