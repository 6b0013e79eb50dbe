import { checkDocument } from "../../core/config/check-document.ts";
import type { ServerDocument } from "../../core/config/document.ts";
import type { SourceDocument } from "../../core/config-source.ts";
import type { DocumentPath, LocatedProblem, Location, Problem } from "../../core/problem.ts";
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

/** Parses and checks one document; whatever is wrong with it is in its problems. */
export function readDocument(source: DocumentText, place: DocumentPlace): SourceDocument {
  const parsed = parseYaml(source.text);
  if (parsed.kind === "broken") {
    const problems = parsed.problems.map(({ offset, ...problem }) => ({
      ...problem,
      ...locationOf(source, place.file, offset),
    }));
    return assemble(source, place, undefined, problems);
  }
  const { document, problems } = checkDocument(parsed.value);
  return assemble(source, place, document, locateAll(source, place.file, problems));
}

/** The same document after it has moved to another place of its file. */
export function moveDocument(before: SourceDocument, source: DocumentText, place: DocumentPlace, byLines: number) {
  const problems = before.problems.map((problem) => ({ ...problem, file: place.file, line: problem.line + byLines }));
  return assemble(source, place, before.document, problems);
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
  place: DocumentPlace,
  document: ServerDocument | undefined,
  problems: readonly LocatedProblem[],
): SourceDocument {
  let positions: SourcePositions | undefined;
  return {
    key: place.key,
    hash: place.hash,
    ...(place.baseDirectory === undefined ? {} : { baseDirectory: place.baseDirectory }),
    document,
    problems,
    locate(path: DocumentPath, atKey = false): Location {
      positions ??= buildPositions(source.text);
      return locationOf(source, place.file, positions?.offsetOf(path, atKey) ?? 0);
    },
  };
}

function locationOf(source: DocumentText, file: string, offset: number): Location {
  const lines = source.text.slice(0, offset).split(/\r\n|\r|\n/);
  return { file, line: source.line + lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
