import {
  CORE_SCHEMA,
  constructFromEvents,
  defineScalarTag,
  intCoreTag,
  mergeTag,
  NOT_RESOLVED,
  parseEvents,
  YAMLException,
} from "js-yaml";
import { maxConfigDepth } from "../../core/json.ts";
import type { Problem } from "../../core/problem.ts";
import { findExcess } from "./find-excess.ts";
import { buildPositions } from "./source-positions.ts";
import { syntaxMend } from "./syntax-mend.ts";

/** A problem of a text before it is a document: it stands at an offset instead of a path. */
export interface TextProblem extends Problem {
  readonly offset: number;
}

export type ParsedYaml =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "broken"; readonly problems: readonly TextProblem[] };

/** Most aliases (`*name`) in one document. */
const maxAliases = 10_000;

/** YAML 1.2 core schema; integers beyond ±(2^53 − 1) become `bigint` so that no id is rounded. */
const integerTag = defineScalarTag<number | bigint>(intCoreTag.tagName, {
  implicit: true,
  implicitFirstChars: intCoreTag.implicitFirstChars,
  identify: () => false,
  resolve: (source, isExplicit, tagName) => {
    const value = intCoreTag.resolve(source, isExplicit, tagName);
    if (value === NOT_RESOLVED || Number.isSafeInteger(value)) return value;
    const digits = source.replace(/^[-+]/, "");
    return source.startsWith("-") ? -BigInt(digits) : BigInt(digits);
  },
});

const schema = CORE_SCHEMA.withTags(mergeTag, integerTag);

/**
 * Parses the text of one document into plain values without cycles, or says where it is broken.
 * Anchors, aliases and merge keys are understood as far as they do not multiply the document.
 */
export function parseYaml(text: string): ParsedYaml {
  let value: unknown;
  try {
    const events = parseEvents(text, { maxDepth: maxConfigDepth });
    value = constructFromEvents(events, { source: text, schema, maxAliases })[0];
  } catch (error) {
    return { kind: "broken", problems: describeFailure(text, error) };
  }
  const excess = findExcess(value);
  if (excess === undefined) return { kind: "value", value };
  const offset = buildPositions(text)?.offsetOf(excess.path, false) ?? 0;
  return { kind: "broken", problems: [{ ...excess, offset }] };
}

function describeFailure(text: string, error: unknown): TextProblem[] {
  // A text that has events is well formed; then a duplicate key is the likely reason.
  const duplicates = buildPositions(text)?.duplicates ?? [];
  if (duplicates.length > 0) {
    return duplicates.slice(0, 50).map(({ path, offset, firstOffset }) => ({
      severity: "error",
      path,
      offset,
      atKey: true,
      message: `duplicate key ${JSON.stringify(String(path.at(-1)))}, first on line ${lineOf(text, firstOffset)}`,
      mend: "remove or rename one of them",
    }));
  }
  const isSyntax = error instanceof YAMLException;
  const offset = Math.min((isSyntax ? error.mark?.position : undefined) ?? 0, text.length);
  const mend = syntaxMend(text, offset);
  // The parser may fail in other ways on hostile text; that must not take other documents along.
  const reason = isSyntax ? error.reason : String(error);
  const problem = { severity: "error", path: [], offset, message: `not valid YAML: ${reason}` } as const;
  return [mend === undefined ? problem : { ...problem, mend }];
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split(/\r\n|\r|\n/).length;
}
