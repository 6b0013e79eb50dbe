import type { ServerDocument } from "./config/document.ts";
import type { DocumentSummary } from "./config-store.ts";
import type { DocumentPath, LocatedProblem, Location } from "./problem.ts";

export interface JudgedDocument {
  /** The checked document with its defaults; absent when the text or the schema is broken. */
  readonly document: ServerDocument | undefined;
  /** Absent exactly when `document` is. */
  readonly summary: DocumentSummary | undefined;
  /** Errors and warnings by place: of the text, the schema, and of compiling it as a gateway would. */
  readonly problems: readonly LocatedProblem[];
  /** Where a path of the document stands in the text; the closest parent when it is absent. */
  locate(path: DocumentPath, atKey?: boolean): Location;
}

/** Judges the text of one document as a gateway would, without connecting to anything. */
export interface DocumentJudge {
  /** @param name stands for the file in problems */
  judge(text: string, name: string): Promise<JudgedDocument>;
}
