import { TextConfigReader } from "../../adapters/yaml/text-config-reader.ts";
import { writeYaml } from "../../adapters/yaml/write-yaml.ts";
import { checkDocuments } from "../../compose/check.ts";
import { sameForAll } from "../../core/config-source.ts";
import { AppError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { LocatedProblem } from "../../core/problem.ts";
import type { ImportedDocuments } from "../../imports/document/imported-documents.ts";
import { CommandFailure, exitCodes } from "../exit-codes.ts";
import { printProblems } from "../print-problems.ts";
import type { Terminal } from "../terminal.ts";
import type { ImportFlags } from "./import-options.ts";
import { reportText } from "./report-text.ts";
import { writeFiles, type WrittenDocument } from "./write-files.ts";

/**
 * Writes what an import has made, tells what became of each entry, and holds the documents against the rules of
 * `check`. Answers the exit code: 1 when something was refused. Fails with `CommandFailure`.
 */
export async function finishImport(
  load: () => ImportedDocuments | Promise<ImportedDocuments>,
  flags: ImportFlags,
  terminal: Terminal,
): Promise<number> {
  const { documents, report, secrets } = await tellRefusal(load);
  const text = documents.map(writeYaml).join("---\n");
  const files = flags.out === undefined ? [] : await writeFiles(documents.map(written), flags.out, flags.force);
  if (flags.out === undefined) terminal.write(text);
  // What was made goes to standard output; the report goes where it does not get in its way.
  const tell = flags.out === undefined ? terminal.writeError : terminal.write;
  tell(
    flags.report === "json"
      ? `${JSON.stringify({ files, ...report, secrets }, undefined, 2)}\n`
      : reportText({ files, report, secrets }),
  );
  const problems = await problemsOf(files[0] ?? "document", text);
  if (problems.length > 0) await printProblems({ ...terminal, write: terminal.writeError }, problems);
  const isRefused = report.entries.some(({ outcome }) => outcome === "refused");
  const isBroken = problems.some(({ severity }) => severity === "error");
  return isRefused || isBroken || documents.length === 0 ? exitCodes.problems : exitCodes.ok;
}

function written(document: JsonObject): WrittenDocument {
  const { name } = document;
  return { name: typeof name === "string" ? name : "document", text: writeYaml(document) };
}

async function tellRefusal(load: () => ImportedDocuments | Promise<ImportedDocuments>): Promise<ImportedDocuments> {
  try {
    return await load();
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== "unprocessable") throw cause;
    throw new CommandFailure(exitCodes.problems, cause.message, { cause });
  }
}

/** What `check` says of the documents, as if all their secrets were set. */
export async function problemsOf(name: string, text: string): Promise<LocatedProblem[]> {
  if (text === "") return [];
  const { documents } = await new TextConfigReader({ name, text, baseDirectory: process.cwd() }).read();
  return checkDocuments(documents, sameForAll({ get: () => "set" }));
}
