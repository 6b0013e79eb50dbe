import { dirname, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath, pathToFileURL } from "node:url";
import { AppError } from "../../core/errors.ts";
import type { SourceText } from "../../imports/openapi/openapi-import.ts";
import type { LoadDocument } from "../../imports/openapi/reading/document-set.ts";
import { CommandFailure, exitCodes } from "../exit-codes.ts";

/** Where a description is, before it is read. */
export interface LocatedSource {
  /** As it was given. */
  readonly name: string;
  /** Absent for standard input. */
  readonly address?: string;
  /** Folder whose files may be read; none when it comes from a URL, unless one was given. */
  readonly folder?: string;
}

/** Tells whether a source is a URL, a file or `-`. Fails with `CommandFailure` on a URL that is none. */
export function locateSource(name: string, folder: string | undefined): LocatedSource {
  const given = folder === undefined ? {} : { folder };
  if (name === "-") return { name: "standard input", ...given };
  if (/^https?:\/\//i.test(name)) {
    if (!URL.canParse(name)) throw new CommandFailure(exitCodes.usage, `${name} is no URL`);
    return { name: withoutSecrets(name), address: new URL(name).href, ...given };
  }
  const path = resolve(name.startsWith("file:") ? fileURLToPath(name) : name);
  return { name, address: pathToFileURL(path).href, folder: folder ?? dirname(path) };
}

/** Reads it; the failure of a file or a URL is one of the command. */
export async function readLocated(
  { name, address }: LocatedSource,
  load: LoadDocument,
  input: NodeJS.ReadableStream = process.stdin,
): Promise<SourceText> {
  if (address === undefined) return { name, text: await text(input) };
  try {
    return { name, address, text: await load(address) };
  } catch (cause) {
    if (cause instanceof AppError) throw new CommandFailure(exitCodes.io, `${name}: ${cause.message}`, { cause });
    throw cause;
  }
}

/** What stands in the query of a URL may be a key, and the name goes into the document. */
function withoutSecrets(name: string): string {
  const url = new URL(name);
  return `${url.origin}${url.pathname}`;
}
