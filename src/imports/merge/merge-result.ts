import type { JsonObject, JsonValue } from "../../core/json.ts";

/** What an import again does to a document, and what it leaves as it is. */
export interface MergedImport {
  /** The document as it is to be; the very text that came in when nothing changes. */
  readonly text: string;
  readonly document: JsonObject;
  readonly isChanged: boolean;
  readonly diff: ImportDiff;
}

export interface ImportDiff {
  /** Tools of operations that are new. */
  readonly added: readonly DiffedTool[];
  /** Tools whose operations are gone, and that nobody had edited. */
  readonly removed: readonly DiffedTool[];
  readonly changed: readonly ChangedTool[];
  /** Changed keys outside of the tools: `instructions`, `upstreams.api.headers`. */
  readonly documentKeys: readonly string[];
  readonly conflicts: readonly MergeConflict[];
  /** What differs from the import of then and stays as it is. */
  readonly kept: readonly KeptEdit[];
  /** Tools that were taken out by hand and stay out. */
  readonly leftOut: readonly DiffedTool[];
}

export interface DiffedTool {
  readonly tool: string;
  /** Method and path of its request: `GET /pets/{id}`. */
  readonly operation?: string;
}

export interface ChangedTool extends DiffedTool {
  /** Paths in the tool: `description`, `input.properties.limit.maximum`. */
  readonly keys: readonly string[];
}

export type ConflictKind =
  /** The same key was edited by hand and changed in the description. */
  | "both-changed"
  /** The description no longer has it, and it was edited (a comment is an edit too). */
  | "removed-but-edited"
  /** It was taken out by hand, and changed in the description. */
  | "changed-but-removed"
  /** The description has a new operation whose name another tool has. */
  | "name-taken"
  /** Changing it would take comments away that stand in it. */
  | "has-comments";

/** Where both sides want something else. The document's side is kept unless the other one was asked for. */
export interface MergeConflict {
  readonly kind: ConflictKind;
  /** Name of the tool in the document; absent outside of the tools. */
  readonly tool?: string;
  /** Path in the tool or the document; empty for the whole tool. */
  readonly path: string;
  readonly base?: JsonValue;
  readonly mine?: JsonValue;
  readonly theirs?: JsonValue;
  readonly taken: "mine" | "theirs";
  /** One sentence: what collides, and what was done. */
  readonly message: string;
}

export interface KeptEdit {
  readonly kind: "edited" | "added" | "removed" | "renamed";
  readonly tool?: string;
  /** Path in the tool or the document; empty for the whole tool. */
  readonly path: string;
}
