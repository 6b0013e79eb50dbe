import type { OpenApiImport } from "../../imports/openapi/openapi-import.ts";
import type { ReportedEntry } from "../../imports/report/import-report.ts";
import { plural } from "../print-problems.ts";
import { printable } from "../table.ts";
import { noteText, oneLine, secretLines } from "./report-text.ts";

/** What became of a description, as people read it: operations that were not chosen are counted by their reason. */
export function openApiReport({ report, secrets, statistics }: OpenApiImport, files: readonly string[] = []): string {
  const { operations, tools, refused, leftOut, tokens } = statistics;
  const counts = [plural(tools, "tool"), `${refused} refused`, `${leftOut} left out`].join(", ");
  const lines = [
    ...report.entries.filter(({ outcome }) => outcome !== "left-out").flatMap(entryLines),
    ...leftOutLines(report.entries),
    ...report.notes.map((note) => `note      ${noteText(note)}`),
    ...secretLines(secrets.map(({ name, usedFor }) => ({ name, purpose: usedFor }))),
    ...files.map((file) => `Wrote ${printable(file)}`),
    `${plural(operations, "operation")}: ${counts}; ${plural(tokens, "token")} of a model's context`,
  ];
  return `${lines.join("\n")}\n`;
}

function entryLines({ outcome, source, tool, tokens, notes }: ReportedEntry): string[] {
  const name = tool === undefined || outcome === "refused" ? "" : ` -> ${tool}`;
  const size = tokens === undefined ? "" : ` (${plural(tokens, "token")})`;
  return [
    `${outcome.padEnd(8)}  ${oneLine(source)}${name}${size}`,
    ...notes.map((note) => `          ${noteText(note)}`),
  ];
}

/** Sources that are told by name for each reason. */
const mostNamed = 5;

function leftOutLines(entries: readonly ReportedEntry[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { outcome, source, notes } of entries) {
    const [note] = notes;
    if (outcome !== "left-out" || note === undefined) continue;
    byReason.set(note.message, [...(byReason.get(note.message) ?? []), oneLine(source)]);
  }
  return [...byReason].map(([reason, sources]) => {
    const more = sources.length > mostNamed ? ` and ${sources.length - mostNamed} more` : "";
    return `left-out  ${sources.slice(0, mostNamed).join(", ")}${more}. ${reason}`;
  });
}
