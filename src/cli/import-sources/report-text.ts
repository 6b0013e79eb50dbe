import type { ImportNote, ImportReport, ReportedEntry } from "../../imports/report/import-report.ts";
import type { NeededSecret } from "../../imports/secrets/needed-secrets.ts";
import { plural } from "../print-problems.ts";
import { align, printable } from "../table.ts";

export interface ToldImport {
  readonly files: readonly string[];
  readonly report: ImportReport;
  readonly secrets: readonly NeededSecret[];
}

/** What became of each entry, as people read it. */
export function reportText({ files, report, secrets }: ToldImport): string {
  const lines = [
    ...report.entries.flatMap(entryLines),
    ...report.notes.map((note) => noteText(note)),
    ...secretLines(secrets),
    ...files.map((file) => `Wrote ${printable(file)}`),
    countsOf(report.entries),
  ];
  return `${lines.join("\n")}\n`;
}

function entryLines({ outcome, source, tool, notes }: ReportedEntry): string[] {
  const name = tool === undefined || tool === source ? "" : ` -> ${tool}`;
  return [`${outcome.padEnd(8)}  ${oneLine(source)}${name}`, ...notes.map((note) => `          ${noteText(note)}`)];
}

export function noteText({ message, pointer }: ImportNote): string {
  return oneLine(pointer === undefined || message.startsWith(pointer) ? message : `${message} (${pointer})`);
}

export function secretLines(secrets: readonly NeededSecret[]): string[] {
  if (secrets.length === 0) return [];
  return [
    "Secrets to set: PASSERELLE_SECRET_NAME in the environment, NAME in --secrets-dir, or `passerelle secrets set NAME`",
    ...align(secrets.map(({ name, purpose }) => [`  ${name}`, oneLine(purpose)])),
  ];
}

function countsOf(entries: readonly ReportedEntry[]): string {
  const outcomes = ["taken", "changed", "refused", "left-out"] as const;
  const counts = outcomes
    .map((outcome) => ({ outcome, count: entries.filter((entry) => entry.outcome === outcome).length }))
    .filter(({ count }) => count > 0)
    .map(({ outcome, count }) => `${count} ${outcome === "left-out" ? "left out" : outcome}`);
  return `${plural(entries.length, "entry").replace("entrys", "entries")}: ${counts.join(", ") || "none"}`;
}

/** Sources come from others: nothing in them steers the terminal. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
}
