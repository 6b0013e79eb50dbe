import type { ErrorCode } from "../../core/errors.ts";
import type { CompiledImport, MergeTask } from "../../imports/merge/merge-task.ts";
import type { OpenApiChoices, OpenApiSource } from "../../imports/openapi/openapi-import.ts";

/** What a worker begins with. */
export interface CompileTask {
  readonly source: OpenApiSource;
  readonly choices: OpenApiChoices;
  readonly merge?: MergeTask | undefined;
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
