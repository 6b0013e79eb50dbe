import { isJsonObject, type JsonValue } from "../../../core/json.ts";
import { stringifyJson } from "../../../core/lossless-json.ts";
import type { DiffedTool, ImportDiff, KeptEdit, MergeConflict } from "../../../imports/merge/merge-result.ts";
import { oneLine } from "../report-text.ts";

/** What an import again did to a document, as people read it. */
export function diffReport(diff: ImportDiff, isChanged: boolean): string[] {
  const { added, removed, changed, documentKeys, conflicts, kept, leftOut } = diff;
  return [
    ...added.map((tool) => line("added", toolText(tool))),
    ...removed.map((tool) => line("removed", toolText(tool))),
    ...changed.map((tool) => line("changed", `${toolText(tool)}: ${someOf(tool.keys)}`)),
    ...(documentKeys.length === 0 ? [] : [line("changed", `the document: ${someOf(documentKeys)}`)]),
    ...leftOut.map((tool) =>
      line("left out", `${toolText(tool)}: taken out by hand; --restore-removed brings it back`),
    ),
    ...keptLines(kept),
    ...conflicts.flatMap(conflictLines),
    ...(isChanged ? [] : ["Nothing changes in the document."]),
  ];
}

/** Paths that are told of one tool. */
const mostPaths = 8;

function conflictLines({ tool, path, message, base, mine, theirs }: MergeConflict): string[] {
  const place = [tool, path].filter((part) => part !== undefined && part !== "").join(": ");
  return [
    line("conflict", `${oneLine(place)}. ${message}`),
    ...valueLine("then", base),
    ...valueLine("here", mine),
    ...valueLine("now", theirs),
  ];
}

function valueLine(label: string, value: JsonValue | undefined): string[] {
  if (value === undefined) return [`            ${label.padEnd(5)} (absent)`];
  const text = isJsonObject(value) && "name" in value ? "the whole tool" : stringifyJson(value);
  const characters = Array.from(oneLine(text));
  return [
    `            ${label.padEnd(5)} ${characters.length > 100 ? `${characters.slice(0, 100).join("")}…` : characters.join("")}`,
  ];
}

function keptLines(kept: readonly KeptEdit[]): string[] {
  const byPlace = new Map<string, string[]>();
  for (const { kind, tool, path } of kept) {
    const place = tool ?? "the document";
    byPlace.set(place, [...(byPlace.get(place) ?? []), path === "" ? kind : `${path} ${kind}`]);
  }
  return [...byPlace].map(([place, edits]) => line("kept", `${place}: ${someOf(edits)}`));
}

function toolText({ tool, operation }: DiffedTool): string {
  return operation === undefined ? tool : `${tool} (${operation})`;
}

function someOf(paths: readonly string[]): string {
  const more = paths.length > mostPaths ? ` and ${paths.length - mostPaths} more` : "";
  return `${paths.slice(0, mostPaths).join(", ")}${more}`;
}

function line(label: string, text: string): string {
  return `${label.padEnd(8)}  ${oneLine(text)}`;
}
