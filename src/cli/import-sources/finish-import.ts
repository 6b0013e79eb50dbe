import { mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
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
  const files = flags.out === undefined ? [] : await writeFiles(documents, flags.out, flags.force);
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

async function tellRefusal(load: () => ImportedDocuments | Promise<ImportedDocuments>): Promise<ImportedDocuments> {
  try {
    return await load();
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== "unprocessable") throw cause;
    throw new CommandFailure(exitCodes.problems, cause.message, { cause });
  }
}

async function writeFiles(documents: readonly JsonObject[], out: string, isForced: boolean): Promise<string[]> {
  const isFile = /\.(?:ya?ml|json)$/i.test(out) && !(await isFolder(out));
  const files = isFile
    ? [{ path: out, text: documents.map(writeYaml).join("---\n") }]
    : documents.map((document) => ({ path: join(out, `${String(document["name"])}.yaml`), text: writeYaml(document) }));
  if (documents.length === 0) return [];
  for (const { path, text } of files) await writeOne(path, text, isForced);
  return files.map(({ path }) => path);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

async function writeOne(path: string, text: string, isForced: boolean): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: isForced ? "w" : "wx" });
  } catch (cause) {
    const isThere = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    const reason = isThere
      ? "it is there already; --force writes over it"
      : cause instanceof Error
        ? cause.message
        : "";
    throw new CommandFailure(exitCodes.io, `${path} cannot be written: ${reason}`, { cause });
  }
}

/** What `check` says of the documents, as if all their secrets were set. */
async function problemsOf(name: string, text: string): Promise<LocatedProblem[]> {
  if (text === "") return [];
  const { documents } = await new TextConfigReader({ name, text, baseDirectory: process.cwd() }).read();
  return checkDocuments(documents, sameForAll({ get: () => "set" }));
}
