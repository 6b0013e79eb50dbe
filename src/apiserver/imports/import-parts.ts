import type { CompiledImport, MergeTask } from "../../imports/merge/merge-task.ts";
import type { ImportRecord } from "../../imports/merge/import-record.ts";
import type { OpenApiChoices } from "../../imports/openapi/openapi-import.ts";
import type { UnlaSource } from "../../imports/unla/import-unla.ts";
import type { ServerParts } from "../servers/server-parts.ts";
import type { ImportQueue } from "./import-queue.ts";

/** A description, or an overlay, as a request gives it. */
export type GivenText =
  | { readonly kind: "text"; readonly text: string; readonly name: string }
  | { readonly kind: "url"; readonly url: string; readonly headers: Readonly<Record<string, string>> };

export interface CompileRequest {
  readonly source: GivenText;
  readonly overlays: readonly GivenText[];
  readonly choices: OpenApiChoices;
  /** A document that what is made is carried into. */
  readonly merge?: MergeTask | undefined;
}

export interface CompiledDescription {
  readonly made: CompiledImport;
  readonly record: ImportRecord;
}

/**
 * Fetches a description and what it references, and compiles it in a thread of its own. Rejects with `AppError`:
 * `unprocessable` for what cannot be fetched or compiled, `cancelled` when `signal` aborts.
 */
export interface DescriptionCompiler {
  compile(request: CompileRequest, signal: AbortSignal): Promise<CompiledDescription>;
}

/** What the operations of imports work with. */
export interface ImportParts extends ServerParts {
  readonly compiler: DescriptionCompiler;
  readonly queue: ImportQueue;
  /** Reads the YAML of an Unla configuration. Throws `AppError("unprocessable")` with the line where it is broken. */
  readonly readUnla: (file: string, text: string) => UnlaSource;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
