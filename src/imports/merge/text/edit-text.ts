import { CORE_SCHEMA, load, mergeTag, YAMLException } from "js-yaml";
import { AppError } from "../../../core/errors.ts";
import { isJsonValue, type JsonObject } from "../../../core/json.ts";
import { sameValue } from "../same-value.ts";
import { commentsOf } from "./comments-of.ts";
import type { DocumentSource } from "./document-source.ts";
import { editNodes } from "./edit-nodes.ts";
import { spliceText } from "./splice-text.ts";
import type { TextEdit } from "./text-edit.ts";

export interface EditOptions {
  /** What the text has to mean afterwards. */
  readonly expected: JsonObject;
  /** Comments may go along with what they stand in. */
  readonly mayLoseComments: boolean;
}

/**
 * The text with the edits in it. Whatever way it was changed, it is read again: it means what is expected, and no
 * comment is gone. Fails with `AppError("unprocessable")` when there is no such text.
 */
export function editText(source: DocumentSource, edits: readonly TextEdit[], options: EditOptions): string {
  if (edits.length === 0) return source.text;
  for (const change of [spliceText(source, edits), editNodes(source.text, edits)]) {
    if (change !== undefined && isAsExpected(change, source, options)) return change;
  }
  throw new AppError(
    "unprocessable",
    "The document cannot be changed in place, perhaps for its anchors (&name) and aliases (*name). Write out what they stand for, and import again.",
  );
}

function isAsExpected(text: string, source: DocumentSource, { expected, mayLoseComments }: EditOptions): boolean {
  let value: unknown;
  try {
    // Not by the parser that the change was made with: documents are served as this one reads them, and it is faster.
    value = load(text, { schema: CORE_SCHEMA.withTags(mergeTag) });
  } catch (error) {
    // A change that broke the text is none.
    if (error instanceof YAMLException) return false;
    throw error;
  }
  return isJsonValue(value) && sameValue(value, expected) && (mayLoseComments || keepsComments(source.text, text));
}

function keepsComments(before: string, after: string): boolean {
  const left = new Map<string, number>();
  for (const comment of commentsOf(after)) left.set(comment, (left.get(comment) ?? 0) + 1);
  return commentsOf(before).every((comment) => {
    const count = left.get(comment) ?? 0;
    left.set(comment, count - 1);
    return count > 0;
  });
}
