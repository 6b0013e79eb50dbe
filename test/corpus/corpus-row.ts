import type { OpenApiImport } from "../../src/imports/openapi/openapi-import.ts";
import type { CorpusDescription } from "./descriptions.ts";

/** One line of the table that `npm run corpus` writes. */
export interface CorpusRow {
  readonly name: string;
  readonly package: string;
  readonly why: string;
  /** Of OpenAPI. */
  readonly version: string;
  readonly bytes: number;
  readonly operations: number;
  readonly tools: number;
  readonly changed: number;
  readonly tokens: number;
  readonly documentBytes: number;
  readonly tookMs: number;
  /** How many operations were refused for each reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** How many operations have a note of each code. */
  readonly notes: Readonly<Record<string, number>>;
}

/** What became of the requests of all descriptions. */
export interface TripCounts {
  readonly judged: number;
  readonly accepted: number;
  /** How many of each excuse. */
  readonly excused: readonly { readonly name: string; readonly why: string; readonly count: number }[];
  readonly rejected: number;
  readonly notSent: number;
  readonly notJudged: number;
}

declare module "vitest" {
  interface TaskMeta {
    corpus?: CorpusRow;
    trips?: TripCounts;
  }
}

interface Compiled {
  readonly version: string;
  readonly text: string;
  readonly result: OpenApiImport;
  readonly tookMs: number;
}

export function rowOf(
  { name, package: source, why }: CorpusDescription,
  { version, text, result, tookMs }: Compiled,
): CorpusRow {
  const { entries } = result.report;
  const { operations, tools, tokens } = result.statistics;
  return {
    name,
    package: source,
    why,
    version,
    bytes: Buffer.byteLength(text),
    operations,
    tools,
    changed: entries.filter(({ outcome }) => outcome === "changed").length,
    tokens,
    documentBytes: Buffer.byteLength(result.text),
    tookMs: Math.round(tookMs),
    refused: count(entries.filter(({ outcome }) => outcome === "refused").map(({ notes: [note] }) => note?.code ?? "")),
    notes: count(
      entries
        .filter(({ outcome }) => outcome === "changed")
        .flatMap(({ notes }) => [...new Set(notes.map(({ code }) => code))]),
    ),
  };
}

/** How often each text is there, the most frequent first. */
function count(texts: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return Object.fromEntries([...counts].sort((left, right) => right[1] - left[1]));
}
