import type { ServerDocument } from "../../core/config/document.ts";
import type { JudgedDocument } from "../../core/document-judge.ts";
import { AppError } from "../../core/errors.ts";
import type { DocumentPath } from "../../core/problem.ts";

/** A value of a text that is to become another one. */
interface Replacement {
  readonly path: DocumentPath;
  readonly from: string;
  readonly to: string;
}

/**
 * The text of a document with another name and other prefixes; comments and everything else stay as they are.
 *
 * @throws AppError `unprocessable` when the text writes these values in a way that cannot be replaced, such as an alias
 */
export function renameText(
  text: string,
  judged: Pick<JudgedDocument, "locate">,
  document: ServerDocument,
  to: { readonly name: string; readonly prefixes: readonly string[] },
): string {
  const replacements: Replacement[] = [
    { path: ["name"], from: document.name, to: to.name },
    ...document.routes.map(({ prefix }, i) => ({
      path: ["routes", i, "prefix"],
      from: prefix,
      to: to.prefixes[i] ?? prefix,
    })),
  ];
  return replacements
    .map((replacement) => ({ ...replacement, offset: offsetOf(text, judged, replacement.path) }))
    .sort((a, b) => b.offset - a.offset)
    .reduce((changed, { offset, from, to, path }) => {
      const written = [from, `"${from}"`, `'${from}'`].find((form) => changed.startsWith(form, offset));
      if (written === undefined) {
        throw new AppError(
          "unprocessable",
          `The value of ${path.join(".")} cannot be replaced in the text; copy it by hand.`,
        );
      }
      return `${changed.slice(0, offset)}${JSON.stringify(to)}${changed.slice(offset + written.length)}`;
    }, text);
}

function offsetOf(text: string, judged: Pick<JudgedDocument, "locate">, path: DocumentPath): number {
  const { line, column } = judged.locate(path);
  // Lines as YAML breaks them, each with its end.
  const before = text.split(/(?<=\r\n|\n|\r(?!\n))/).slice(0, line - 1);
  return before.reduce((offset, { length }) => offset + length, column - 1);
}

/** A prefix for the copy of a server: the name in it exchanged where it ends with it, else with the new name behind it. */
export function prefixForCopy(prefix: string, oldName: string, newName: string): string {
  const at = prefix.lastIndexOf("/") + 1;
  const last = prefix.slice(at);
  return last === oldName ? prefix.slice(0, at) + newName : `${prefix}-${newName}`;
}
