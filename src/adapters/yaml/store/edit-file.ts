import { maxDocuments, type PlacedText, splitDocuments } from "../split-documents.ts";

/**
 * The text of a file with one of its documents replaced; everything else stays byte for byte. Answers undefined when
 * no way of writing it keeps the documents apart, or the file would have too many.
 *
 * @param old one of `splitDocuments(file)`; absent adds the document behind the others
 */
export function putDocument(file: string, old: PlacedText | undefined, text: string): string | undefined {
  const before = splitDocuments(file);
  if (before === undefined) return undefined;
  const index = old === undefined ? before.length : before.findIndex(({ start }) => start === old.start);
  const start = old?.start ?? file.length;
  const [head, tail] = [file.slice(0, start), file.slice(start + (old?.text.length ?? 0))];
  if (head === "" && tail === "") return text;
  const eol = /\r\n/.test(file) ? "\r\n" : "\n";
  const expected = before.map((document) => plainText(document.text));
  expected[index] = plainText(text);
  for (const opening of openings(head, eol)) {
    for (const closing of ["", eol, `...${eol}`, `${eol}...${eol}`]) {
      const candidate = `${head}${opening}${head === "" ? text : withoutMark(text)}${closing}${tail}`;
      if (holds(candidate, expected)) return candidate;
    }
  }
  return undefined;
}

/** The text of a file without one of its documents; empty when nothing but marks is left. */
export function cutDocument(file: string, { start, text }: PlacedText): string {
  const rest = file.slice(0, start) + file.slice(start + text.length);
  return /^(?:(?:---|\.\.\.)?[ \t]*(?:\r\n|\r|\n|$))*$/.test(rest.slice(0, 1_000)) && rest.length < 1_000 ? "" : rest;
}

/** Whether a text is what one file of one document can hold. */
export function isOneDocument(text: string): boolean {
  return splitDocuments(text)?.length === 1;
}

/**
 * A document without what only keeps it apart from its neighbours: a byte order mark, a bare `---` before it, a bare
 * `...` behind it, the line ends at its end, and documents of comments alone. Two texts that are equal then are the same document.
 */
export function plainText(text: string): string {
  const documents = splitDocuments(text) ?? [];
  const opened = withoutMark((documents.length === 1 ? documents[0]?.text : undefined) ?? text).replace(
    /^---[ \t]*(?:\r\n|\r|\n)/,
    "",
  );
  const trimmed = withoutEnd(opened);
  return /(?:^|[\r\n])\.\.\.[ \t]*$/.test(trimmed.slice(-100))
    ? withoutEnd(trimmed.replace(/\.\.\.[ \t]*$/, ""))
    : trimmed;
}

/** The document as a version of a file that holds several: without the marks between them, its last line end kept. */
export function partText(text: string): string {
  const plain = plainText(text);
  const end = text.indexOf(plain) + plain.length;
  const lineEnd = /^(?:\r\n|\r|\n)/.exec(text.slice(end))?.[0] ?? "";
  return plain + lineEnd;
}

/** What may stand before a document so that it is not taken for a part of the one before. */
function openings(head: string, eol: string): string[] {
  if (head === "") return [""];
  const line = /[\r\n]$/.test(head) ? "" : eol;
  return [line, `${line}---${eol}`, `${line}...${eol}`];
}

function holds(file: string, expected: readonly string[]): boolean {
  const documents = splitDocuments(file);
  if (documents === undefined || expected.length > maxDocuments) return false;
  return (
    documents.length === expected.length && documents.every(({ text }, index) => plainText(text) === expected[index])
  );
}

function withoutMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === "\n" || text[end - 1] === "\r")) end--;
  return text.slice(0, end);
}
