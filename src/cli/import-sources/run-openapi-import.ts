import type { JsonObject } from "../../core/json.ts";
import type { OpenApiChoices, OpenApiImport } from "../../imports/openapi/openapi-import.ts";
import type { OperationChoice } from "../../imports/openapi/selection/choose-operations.ts";
import { recordImport } from "../../imports/merge/import-record.ts";
import { CommandFailure, exitCodes } from "../exit-codes.ts";
import type { Terminal } from "../terminal.ts";
import { importAgain, isToBeKept, keepRecord, readAgain } from "./again/import-again.ts";
import { compileDescription } from "./compile-description.ts";
import type { OpenApiFlags } from "./openapi-flags.ts";
import { openApiReport } from "./openapi-report.ts";
import { readDescription } from "./read-description.ts";
import { documentPath, isFilePath, writeFiles } from "./write-files.ts";

/**
 * `passerelle import openapi`: the document goes to standard output or a file, the report to the other stream. A file
 * that an import has made is imported again: what was edited in it stays. Answers the exit code: 1 when an operation
 * was refused, none became a tool, or edits and description want something else. Fails with `CommandFailure`.
 */
export async function runOpenApiImport(name: string, flags: OpenApiFlags, terminal: Terminal): Promise<number> {
  const choices = choicesOf(flags);
  const known = await knownTarget(flags);
  const again = known === undefined ? undefined : await readAgain(known);
  const description = await readDescription(name, flags.overlay ?? again?.overlays ?? [], flags);
  if (again !== undefined) return importAgain({ again, description, choices, flags, terminal });
  const made = await compileDescription(description, choices, terminal);
  const target = flags.out === undefined ? undefined : await documentPath(flags.out, nameOf(made.document));
  if (target !== undefined && known === undefined && (await isToBeKept(target, flags))) {
    // Only the description says what it is called.
    const found = await readAgain(target);
    return importAgain({ again: found, description, choices, flags, terminal });
  }
  const files = target === undefined || flags.dryRun ? [] : [target];
  const document = { name: nameOf(made.document), text: made.text };
  if (target === undefined) terminal.write(made.text);
  else if (!flags.dryRun) {
    await writeFiles([document], target, flags.force);
    await keepRecord(target, description, recordImport(description.source, choices, made));
  }
  tellImport(made, files, flags, terminal);
  return made.statistics.refused > 0 || made.statistics.tools === 0 ? exitCodes.problems : exitCodes.ok;
}

/** The compiler writes a name in any case. */
function nameOf({ name }: JsonObject): string {
  return typeof name === "string" ? name : "document";
}

/** The file that will be written, where the command line says so and it is not to be overwritten. */
async function knownTarget(flags: OpenApiFlags): Promise<string | undefined> {
  const { out, name } = flags;
  if (out === undefined || (name === undefined && !(await isFilePath(out)))) return undefined;
  const target = await documentPath(out, name ?? "");
  return (await isToBeKept(target, flags)) ? target : undefined;
}

function tellImport(made: OpenApiImport, files: readonly string[], flags: OpenApiFlags, terminal: Terminal): void {
  const { report, secrets, statistics } = made;
  const tell = flags.out === undefined ? terminal.writeError : terminal.write;
  tell(
    flags.report === "json"
      ? `${JSON.stringify({ files, ...report, secrets, statistics }, undefined, 2)}\n`
      : openApiReport(made, files),
  );
}

/** What was chosen on the command line; what is absent is as it was, or as it is by itself. */
function choicesOf(flags: OpenApiFlags): OpenApiChoices {
  const { name, prefix, baseUrl, maxDescription } = flags;
  const operations = operationChoice(flags);
  return {
    ...(name === undefined ? {} : { name }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(maxDescription === undefined ? {} : { descriptionLength: readLength(maxDescription) }),
    ...(operations === undefined ? {} : { operations }),
  };
}

function operationChoice(flags: OpenApiFlags): OperationChoice | undefined {
  const { all, excludeDeprecated, tag = [], path = [], method = [], operation = [] } = flags;
  const { excludeTag = [], excludePath = [], excludeMethod = [], excludeOperation = [] } = flags;
  const include = { tags: tag, paths: path, methods: method, operations: operation };
  const exclude = { tags: excludeTag, paths: excludePath, methods: excludeMethod, operations: excludeOperation };
  const isChosen = [...Object.values(include), ...Object.values(exclude)].some((list) => list.length > 0);
  return isChosen || all || excludeDeprecated ? { all, excludeDeprecated, include, exclude } : undefined;
}

function readLength(text: string): number {
  if (/^\d{2,5}$/.test(text)) return Number(text);
  throw new CommandFailure(
    exitCodes.usage,
    `--max-description ${text}: it must be a number of characters from 10 to 99999`,
  );
}
