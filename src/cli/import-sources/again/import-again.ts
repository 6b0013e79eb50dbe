import { readFile, stat, writeFile } from "node:fs/promises";
import type { CompiledImport } from "../../../imports/merge/merge-task.ts";
import { choicesAgain, type ImportRecord, recordImport } from "../../../imports/merge/import-record.ts";
import type { MergedImport } from "../../../imports/merge/merge-result.ts";
import type { OpenApiChoices } from "../../../imports/openapi/openapi-import.ts";
import { CommandFailure, exitCodes } from "../../exit-codes.ts";
import { printProblems } from "../../print-problems.ts";
import type { Terminal } from "../../terminal.ts";
import { compileDescription } from "../compile-description.ts";
import { problemsOf } from "../finish-import.ts";
import type { OpenApiFlags } from "../openapi-flags.ts";
import { openApiReport } from "../openapi-report.ts";
import type { ReadDescription } from "../read-description.ts";
import { diffReport } from "./diff-report.ts";
import {
  type ImportFile,
  importFileOf,
  overlayName,
  overlayPath,
  readImportFile,
  writeImportFile,
} from "./import-file.ts";

/** A document that an import has made, with what is known of that import. */
export interface Again {
  readonly path: string;
  readonly text: string;
  readonly file: ImportFile;
  /** Where its overlays are now. */
  readonly overlays: readonly string[];
}

export interface ImportAgain {
  readonly again: Again;
  readonly description: ReadDescription;
  /** What was chosen now; the rest is as it was. */
  readonly choices: OpenApiChoices;
  readonly flags: OpenApiFlags;
  readonly terminal: Terminal;
}

/** Whether a document is there that nobody asked to write over. */
export async function isToBeKept(path: string, { force }: OpenApiFlags): Promise<boolean> {
  return (
    !force &&
    (await stat(path).then(
      () => true,
      () => false,
    ))
  );
}

/** Fails with `CommandFailure` when nothing is known of the import that made the document. */
export async function readAgain(path: string): Promise<Again> {
  const file = await readImportFile(path);
  if (file === undefined) {
    throw new CommandFailure(
      exitCodes.io,
      `${path} is there already, and without ${importFileOf(path)} nothing tells what was imported and what was edited. --force writes over it, --out names another file`,
    );
  }
  const text = await readFile(path, "utf8");
  return { path, text, file, overlays: file.overlays.map((name) => overlayPath(path, name)) };
}

/** Carries a description into the document. Answers the exit code. Fails with `CommandFailure`. */
export async function importAgain({ again, description, choices, flags, terminal }: ImportAgain): Promise<number> {
  const { path, text: mine, file } = again;
  const all = choicesAgain(file, choices);
  const made = await compileDescription(description, all, terminal, {
    base: file.document,
    mine,
    options: { prefer: flags.theirs ? "theirs" : "mine", restoresRemoved: flags.restoreRemoved },
  });
  const { merged } = made;
  if (merged === undefined) throw new Error("The worker answered without the merged document.");
  const isWritten = merged.isChanged && !flags.dryRun;
  if (isWritten) await replace(path, merged.text);
  if (!flags.dryRun) await keepRecord(path, description, recordImport(description.source, all, made));
  tell(made, merged, isWritten ? [path] : [], { flags, terminal });
  const problems = await problemsOf(path, merged.text);
  if (problems.length > 0) await printProblems({ ...terminal, write: terminal.writeError }, problems);
  const isBroken = problems.some(({ severity }) => severity === "error");
  const isClean = made.statistics.refused === 0 && merged.diff.conflicts.length === 0 && !isBroken;
  return isClean ? exitCodes.ok : exitCodes.problems;
}

/** Keeps what the next import of a document has to know. */
export function keepRecord(path: string, { source }: ReadDescription, record: ImportRecord): Promise<void> {
  const overlays = (source.overlays ?? []).map(({ address, name }) => overlayName(path, address, name));
  return writeImportFile(path, { ...record, source: source.name, overlays });
}

function tell(
  made: CompiledImport,
  { diff, isChanged }: MergedImport,
  files: readonly string[],
  { flags, terminal }: Pick<ImportAgain, "flags" | "terminal">,
): void {
  const { report, secrets, statistics } = made;
  if (flags.report === "json") {
    terminal.write(`${jsonText({ files, ...report, secrets, statistics, isChanged, diff })}\n`);
    return;
  }
  // What the first import has told is not told again, unless it still keeps operations out.
  const refused = { ...report, entries: report.entries.filter(({ outcome }) => outcome === "refused") };
  const lines = [...diffReport(diff, isChanged), ...files.map((file) => `Wrote ${file}`)];
  terminal.write(`${openApiReport({ ...made, report: refused })}${lines.join("\n")}\n`);
}

/** Exact numbers as text: JSON of other programs would round them. */
function jsonText(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => (typeof member === "bigint" ? member.toString() : member), 2);
}

async function replace(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailure(exitCodes.io, `${path} cannot be written: ${reason}`, { cause });
  }
}
