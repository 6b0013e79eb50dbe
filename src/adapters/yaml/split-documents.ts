/** The text of one document of a file. */
export interface DocumentText {
  readonly text: string;
  /** 0-based line of the file that the text begins on. */
  readonly line: number;
}

/** A document's text and where it stands in its file. */
export interface PlacedText extends DocumentText {
  /** Offset of the file that the text begins at. */
  readonly start: number;
}

/** Most documents that one file may hold. */
export const maxDocuments = 5_000;

// YAML 1.2 breaks lines at LF, CR and CRLF only, so the `m` flag, which knows more, must not be used.
const marker = /(?:^|(?<=[\r\n]))(?:---|\.\.\.)(?=[ \t\r\n]|$)/g;
const blankLine = /[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n|$)/y;
const directiveLine = /%[^\r\n]*(?:\r\n|\r|\n|$)/y;
const markerLine = /(?:---|\.\.\.)[ \t]*(?:[ \t]#[^\r\n]*)?(?:\r\n|\r|\n|$)/y;

/**
 * Cuts a YAML file into its documents, so that a broken one does not take its neighbours along.
 * Documents without content are left out. A marker at the beginning of a line is one everywhere,
 * inside of quotes and block texts too (YAML 1.2.2, 9.1.2 and production c-forbidden).
 * Answers `undefined` when there are more than `maxDocuments`.
 */
export function splitDocuments(file: string): PlacedText[] | undefined {
  const documents: PlacedText[] = [];
  let start = 0;
  let line = 0;
  const cut = (end: number): void => {
    const text = file.slice(start, end);
    if (!isBlank(text)) documents.push({ text, line, start });
    line += countLines(text);
    start = end;
  };
  for (const { index, 0: sign } of file.matchAll(marker)) {
    if (documents.length > maxDocuments) return undefined;
    if (sign === "...") cut(endOfLine(file, index));
    // Directives and comments before the marker belong to the document that it opens.
    else if (index > start && !isPrologue(file.slice(start, index))) cut(index);
  }
  cut(file.length);
  return documents.length > maxDocuments ? undefined : documents;
}

function isPrologue(text: string): boolean {
  return consistsOf(text, blankLine, directiveLine);
}

function isBlank(text: string): boolean {
  return consistsOf(text, blankLine, markerLine);
}

/** Whether every line matches one of two sticky patterns; stops at the first that does not. */
function consistsOf(text: string, first: RegExp, second: RegExp): boolean {
  let position = 0;
  while (position < text.length) {
    first.lastIndex = position;
    second.lastIndex = position;
    const line = first.exec(text) ?? second.exec(text);
    if (line === null) return false;
    position += line[0].length;
  }
  return true;
}

function endOfLine(text: string, from: number): number {
  const found = text.slice(from).match(/\r\n|\r|\n/);
  return found?.index === undefined ? text.length : from + found.index + found[0].length;
}

function countLines(text: string): number {
  let count = 0;
  for (const _ of text.matchAll(/\r\n|\r|\n/g)) count++;
  return count;
}
