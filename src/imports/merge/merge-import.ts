import type { JsonObject } from "../../core/json.ts";
import { MergeContext, type Preference } from "./merge-context.ts";
import { mergeMembers } from "./merge-members.ts";
import type { MergedImport } from "./merge-result.ts";
import { mergeTools } from "./merge-tools.ts";
import { readDocumentSource } from "./text/document-source.ts";
import { editText } from "./text/edit-text.ts";

export interface MergeInput {
  /** What the import of then made. */
  readonly base: JsonObject;
  /** What an import makes now. */
  readonly theirs: JsonObject;
  /** The text of the document as it is, with whatever was done to it by hand. */
  readonly mine: string;
}

export interface MergeOptions {
  /** Whose side is taken where both want something else; `mine` without it. */
  readonly prefer?: Preference;
  /** Brings tools back that were taken out by hand. */
  readonly restoresRemoved?: boolean;
}

/**
 * Carries the changes of a description into a document: what changed between `base` and `theirs` is done to `mine`,
 * what was done to `mine` by hand stays, and where both want something else the document's side is kept and the
 * conflict told. Every byte of the text that need not change stays; without a change it is the same text. Takes time
 * with the size of the document: call it where that disturbs nobody.
 *
 * Fails with `AppError("unprocessable")` when the text cannot be read or not be changed in place.
 */
export function mergeImport({ base, theirs, mine }: MergeInput, options: MergeOptions = {}): MergedImport {
  const { prefer = "mine", restoresRemoved = false } = options;
  const source = readDocumentSource(mine);
  const context = new MergeContext(source, prefer);
  const documents = { base, theirs, mine: source.value };
  const members = mergeMembers([], documents, context, toolKeys);
  const { tools, ...toolDiff } = mergeTools(documents, context, restoresRemoved);
  const expected = tools === undefined ? members : { ...members, tools };
  const text = editText(source, context.edits, { expected, mayLoseComments: prefer === "theirs" });
  return {
    text,
    document: expected,
    isChanged: text !== mine,
    diff: { ...toolDiff, documentKeys: context.changed, conflicts: context.conflicts, kept: context.kept },
  };
}

const toolKeys: ReadonlySet<string> = new Set(["tools"]);
