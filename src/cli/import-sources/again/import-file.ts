import { readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { isJsonObject, type JsonObject } from "../../../core/json.ts";
import { parseJson, stringifyJson } from "../../../core/lossless-json.ts";
import type { ImportRecord } from "../../../imports/merge/import-record.ts";
import { CommandFailure, exitCodes } from "../../exit-codes.ts";

/** What is kept of an import beside the document, in a file that configuration folders do not read. */
export interface ImportFile extends ImportRecord {
  /** As it was given; never with the query of a URL. */
  readonly source: string;
  /** Overlays: URLs, and files relative to the folder of the document. */
  readonly overlays: readonly string[];
}

/** `.crm.import.json` of `crm.yaml`. */
export function importFileOf(document: string): string {
  return join(dirname(document), `.${basename(document).replace(/\.[^.]+$/, "")}.import.json`);
}

/** Undefined when there is none. Fails with `CommandFailure` when it cannot be read, or is something else. */
export async function readImportFile(document: string): Promise<ImportFile | undefined> {
  const path = importFileOf(document);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw unreadable(path, cause);
  }
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  const result = importFile.safeParse(value);
  if (!result.success) throw unreadable(path, result.error);
  return result.data;
}

/** Fails with `CommandFailure`. */
export async function writeImportFile(document: string, file: ImportFile): Promise<void> {
  const path = importFileOf(document);
  const { source, overlays, choices, names, descriptionHash, document: made } = file;
  // Choices are plain values; their interface only has no index.
  const value = { format, kind: "openapi", source, overlays, choices, names, descriptionHash, document: made };
  try {
    await writeFile(path, `${stringifyJson(value as unknown as JsonObject)}\n`);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailure(exitCodes.io, `${path} cannot be written: ${reason}`, { cause });
  }
}

/** How an overlay is written down: files relative to the folder of the document, so that both may move together. */
export function overlayName(document: string, address: string | undefined, name: string): string {
  return address?.startsWith("file:") === true ? relative(dirname(resolve(document)), fileURLToPath(address)) : name;
}

/** And back. */
export function overlayPath(document: string, name: string): string {
  return /^https?:/.test(name) ? name : join(dirname(resolve(document)), name);
}

const format = 1;

const jsonObject = z.custom<JsonObject>(isJsonObject);

const importFile = z.object({
  format: z.literal(format),
  kind: z.literal("openapi"),
  source: z.string(),
  overlays: z.array(z.string()),
  choices: jsonObject,
  names: z.record(z.string(), z.string()),
  descriptionHash: z.string(),
  document: jsonObject,
});

function unreadable(path: string, cause: unknown): CommandFailure {
  const message = `${path} is no record of an import that this version can read. Remove it and import with --force, or keep the document as it is with another --out`;
  return new CommandFailure(exitCodes.problems, message, { cause });
}
