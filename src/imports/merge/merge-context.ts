import type { JsonValue } from "../../core/json.ts";
import { type DocumentPath, formatPath } from "../../core/problem.ts";
import type { ConflictKind, KeptEdit, MergeConflict } from "./merge-result.ts";
import { type DocumentSource, hasComments, nodeAt, spansLines } from "./text/document-source.ts";
import type { TextEdit } from "./text/text-edit.ts";

/** What three documents say of one thing; absent where they do not have it. */
export interface Sides {
  readonly base: JsonValue | undefined;
  readonly theirs: JsonValue | undefined;
  readonly mine: JsonValue | undefined;
}

export type Preference = "mine" | "theirs";

/** Where in the document a merge is, and what it has found so far. */
export class MergeContext {
  readonly prefer: Preference;
  readonly edits: TextEdit[] = [];
  readonly conflicts: MergeConflict[] = [];
  readonly kept: KeptEdit[] = [];
  /** Paths that were changed, in the terms of the tool or of the document. */
  changed: string[] = [];
  readonly #source: DocumentSource;
  #tool: { readonly name: string; readonly depth: number } | undefined;

  constructor(source: DocumentSource, prefer: Preference) {
    this.#source = source;
    this.prefer = prefer;
  }

  /** Runs `work` for a tool: paths are told from there. Answers what was changed in it. */
  inTool(name: string, work: () => void): string[] {
    const outside = this.changed;
    this.changed = [];
    this.#tool = { name, depth: 2 };
    work();
    const { changed } = this;
    this.changed = outside;
    this.#tool = undefined;
    return changed;
  }

  keep(kind: KeptEdit["kind"], path: DocumentPath): void {
    this.kept.push({ kind, ...this.#place(path) });
  }

  change(path: DocumentPath): void {
    this.changed.push(this.#place(path).path);
  }

  /** Notes a conflict; answers which side is taken. */
  conflict(kind: ConflictKind, path: DocumentPath, { base, theirs, mine }: Sides): Preference {
    const place = this.#place(path);
    this.conflicts.push({
      kind,
      ...place,
      ...(base === undefined ? {} : { base }),
      ...(mine === undefined ? {} : { mine }),
      ...(theirs === undefined ? {} : { theirs }),
      taken: this.prefer,
      message: `${sentences[kind]}${outcomes[this.prefer]}`,
    });
    return this.prefer;
  }

  /** Whether comments of people stand about or in what would go. */
  holdsComments(path: DocumentPath): boolean {
    return hasComments(this.#source.nodes, path);
  }

  /** Whether another value would take comments away. */
  losesComments(path: DocumentPath): boolean {
    return spansLines(nodeAt(this.#source.nodes, path)) && this.holdsComments(path);
  }

  #place(path: DocumentPath): { readonly tool?: string; readonly path: string } {
    if (this.#tool === undefined) return { path: formatPath(path) };
    return { tool: this.#tool.name, path: formatPath(path.slice(this.#tool.depth)) };
  }
}

const sentences: Readonly<Record<ConflictKind, string>> = {
  "both-changed": "It was edited by hand, and the description has changed it too.",
  "removed-but-edited": "The description has it no more, and it was edited by hand.",
  "changed-but-removed": "It was taken out by hand, and the description has changed it.",
  "name-taken": "The description has a new operation of this name, and another tool has the name already.",
  "has-comments": "The description has changed it, and comments stand in it that would go.",
};

const outcomes: Readonly<Record<Preference, string>> = {
  mine: " The document stays as it is.",
  theirs: " The description's side was taken.",
};
