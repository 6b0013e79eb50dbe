import { lstat, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DocumentRef } from "../../../core/config-store.ts";
import { AppError } from "../../../core/errors.ts";
import { isGone } from "../config-files.ts";
import { splitDocuments } from "../split-documents.ts";
import type { CurrentFiles } from "./current-files.ts";
import { cutDocument, putDocument } from "./edit-file.ts";
import { maxFileBytes, readTextFile } from "./read-text-file.ts";
import { ownFile } from "./store-paths.ts";

/** What a change does to the file that people see. */
export interface FilePlan {
  /** Path below the root. */
  readonly file: string;
  /** Its content before; absent when there is no file. */
  readonly before: string | undefined;
  /** Its content afterwards; absent when it is removed. */
  readonly after: string | undefined;
  /** Rights of the file that is replaced. */
  readonly mode: number | undefined;
  /** The documents of the content afterwards. */
  readonly owners: readonly (DocumentRef | undefined)[];
}

/**
 * How a document gets a text where it stands, or the file of its own name.
 *
 * @throws AppError `unprocessable` when the file cannot take it, `payload_too_large` when it would be too large to be read
 */
export async function planPut(root: string, files: CurrentFiles, ref: DocumentRef, text: string): Promise<FilePlan> {
  const place = files.placeOf(ref);
  const file = place?.file ?? ownFile(ref);
  const before = await readPlanned(root, file);
  if (before === undefined) await refuseLinkedFolder(root, file);
  const sources = splitDocuments(before ?? "") ?? [];
  const old = place === undefined ? undefined : sources[place.index];
  const after = before === undefined ? text : putDocument(before, old, text);
  if (after === undefined) {
    throw new AppError("unprocessable", `The text cannot stand beside the other documents of ${file}.`);
  }
  if (Buffer.byteLength(after) > maxFileBytes) {
    throw new AppError("payload_too_large", `${file} would be larger than ${maxFileBytes / 1_048_576} MB.`);
  }
  const owners = files.documentsOf(file).map((document) => document.ref);
  owners[place?.index ?? sources.length] = ref;
  return { file, before, after, mode: await modeOf(join(root, file)), owners };
}

/** How a document leaves the file that it stands in; undefined when it stands nowhere. */
export async function planCut(root: string, files: CurrentFiles, ref: DocumentRef): Promise<FilePlan | undefined> {
  const place = files.placeOf(ref);
  const before = place === undefined ? undefined : await readPlanned(root, place.file);
  const source = place === undefined ? undefined : splitDocuments(before ?? "")?.[place.index];
  if (place === undefined || before === undefined || source === undefined) return undefined;
  const rest = cutDocument(before, source);
  const owners = files.documentsOf(place.file).map((document) => document.ref);
  owners.splice(place.index, 1);
  const after = rest === "" ? undefined : rest;
  return { file: place.file, before, after, mode: await modeOf(join(root, place.file)), owners };
}

async function readPlanned(root: string, file: string): Promise<string | undefined> {
  const content = await readTextFile(join(root, file));
  switch (content.kind) {
    case "text":
      return content.text;
    case "gone":
      return undefined;
    case "unreadable":
      throw new AppError("unprocessable", `${file} is in the way and cannot be read. Mend or move it.`, {
        cause: content.cause,
      });
  }
}

/** Documents behind a folder that is a link would not be found again, and the link may lead anywhere. */
async function refuseLinkedFolder(root: string, file: string): Promise<void> {
  const folder = dirname(join(root, file));
  try {
    if ((await lstat(folder)).isDirectory()) return;
  } catch (error) {
    if (isGone(error)) return;
    throw error;
  }
  throw new AppError("unprocessable", `${dirname(file)} is in the way: it has to be a folder. Move it.`);
}

async function modeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode & 0o777;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}
