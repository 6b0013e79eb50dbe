import { checkDocument } from "../../core/config/check-document.ts";
import type { SourceDocument } from "../../core/config-source.ts";
import type { LocatedProblem, Location, Problem } from "../../core/problem.ts";
import { LazyDocument, type ReadText } from "./lazy-document.ts";
import { parseYaml } from "./parse-yaml.ts";
import { buildPositions, type SourcePositions } from "./source-positions.ts";
import type { DocumentText } from "./split-documents.ts";

/** Where a document was found. */
export interface DocumentPlace {
  readonly key: string;
  readonly file: string;
  readonly hash: string;
  /** Absent when relative paths of the document lead nowhere. */
  readonly baseDirectory?: string | undefined;
}

/** One document, parsed and checked when it is asked for; whatever is wrong with it is in its problems. */
export function readDocument(source: DocumentText, place: DocumentPlace): SourceDocument {
  return assemble(source, place, () => readText(source, place.file));
}

/** The same document after it has moved to another place of its file. */
export function moveDocument(before: SourceDocument, source: DocumentText, place: DocumentPlace, byLines: number) {
  return assemble(source, place, () => ({
    document: before.document,
    problems: before.problems.map((problem) => ({ ...problem, file: place.file, line: problem.line + byLines })),
  }));
}

/** Parses and checks the text of a document that is kept in `file`. */
export function readText(source: DocumentText, file: string): ReadText {
  const parsed = parseYaml(source.text);
  if (parsed.kind === "broken") {
    const problems = parsed.problems.map(({ offset, ...problem }) => ({
      ...problem,
      ...locationOf(source, file, offset),
    }));
    return { document: undefined, problems };
  }
  const { document, problems } = checkDocument(parsed.value);
  return { document, problems: locateAll(source, file, problems) };
}

/** Adds to each problem where it stands in the text. */
export function locateAll(source: DocumentText, file: string, problems: readonly Problem[]): LocatedProblem[] {
  if (problems.length === 0) return [];
  const positions = buildPositions(source.text);
  return problems
    .map((problem) => {
      const offset = positions?.offsetOf(problem.path, problem.atKey ?? false) ?? 0;
      return { ...problem, ...locationOf(source, file, offset) };
    })
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

function assemble(
  source: DocumentText,
  { key, file, hash, baseDirectory }: DocumentPlace,
  read: () => ReadText,
): SourceDocument {
  return new LazyDocument({ key, hash, baseDirectory, read, locate: locateIn(source, file) });
}

/** Finds places in the text of a document; its positions are looked for once. */
export function locateIn(source: DocumentText, file: string): SourceDocument["locate"] {
  let positions: SourcePositions | undefined;
  return (path, atKey = false) => {
    positions ??= buildPositions(source.text);
    return locationOf(source, file, positions?.offsetOf(path, atKey) ?? 0);
  };
}

function locationOf(source: DocumentText, file: string, offset: number): Location {
  const lines = source.text.slice(0, offset).split(/\r\n|\r|\n/);
  return { file, line: source.line + lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
