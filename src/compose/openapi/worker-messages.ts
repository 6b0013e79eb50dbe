import type { ErrorCode } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { MergeOptions } from "../../imports/merge/merge-import.ts";
import type { MergedImport } from "../../imports/merge/merge-result.ts";
import type { OpenApiChoices, OpenApiImport, OpenApiSource } from "../../imports/openapi/openapi-import.ts";

/** What a worker begins with. */
export interface CompileTask {
  readonly source: OpenApiSource;
  readonly choices: OpenApiChoices;
  readonly merge?: MergeTask | undefined;
}

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

/** An `AppError` on its way between threads. */
export interface CarriedError {
  readonly code: ErrorCode;
  readonly message: string;
}

export type FromWorker =
  | { readonly kind: "load"; readonly id: number; readonly address: string }
  | { readonly kind: "progress"; readonly done: number; readonly all: number }
  | { readonly kind: "done"; readonly result: CompiledImport }
  | { readonly kind: "failed"; readonly error: CarriedError };

export type ToWorker =
  | { readonly kind: "loaded"; readonly id: number; readonly text: string }
  | { readonly kind: "not-loaded"; readonly id: number; readonly error: CarriedError };
