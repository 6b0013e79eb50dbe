import { formatPatch, type StructuredPatch, structuredPatch } from "diff";

/** What differs between two texts, by lines. */
export interface TextDiff {
  /** Unified diff; empty when the texts are equal. */
  readonly unified: string;
  readonly added: number;
  readonly removed: number;
  readonly hunks: {
    readonly oldStart: number;
    readonly oldLines: number;
    readonly newStart: number;
    readonly newLines: number;
    readonly lines: string[];
  }[];
}

/** Longest time to look for the smallest difference; it blocks the event loop. */
const searchMs = 250;
const contextLines = 3;

export interface NamedText {
  readonly label: string;
  readonly text: string;
}

/** The difference of two texts; when the smallest one takes too long to find, all lines out and all lines in. */
export function diffTexts(before: NamedText, after: NamedText): TextDiff {
  const found = structuredPatch(before.label, after.label, before.text, after.text, undefined, undefined, {
    context: contextLines,
    timeout: searchMs,
  });
  const patch = found ?? wholePatch(before, after);
  const lines = patch.hunks.flatMap((hunk) => hunk.lines);
  return {
    unified: patch.hunks.length === 0 ? "" : formatPatch({ ...patch, hunks: patch.hunks.map((hunk) => ({ ...hunk })) }),
    added: lines.filter((line) => line.startsWith("+")).length,
    removed: lines.filter((line) => line.startsWith("-")).length,
    hunks: patch.hunks,
  };
}

function wholePatch(before: NamedText, after: NamedText): StructuredPatch {
  const old = linesOf(before.text);
  const next = linesOf(after.text);
  const lines = [...old.map((line) => `-${line}`), ...next.map((line) => `+${line}`)];
  return {
    oldFileName: before.label,
    newFileName: after.label,
    oldHeader: undefined,
    newHeader: undefined,
    hunks: [{ oldStart: 1, oldLines: old.length, newStart: 1, newLines: next.length, lines }],
  };
}

function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
