import { mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CommandFailure, exitCodes } from "../exit-codes.ts";

export interface WrittenDocument {
  readonly name: string;
  /** YAML. */
  readonly text: string;
}

/**
 * Writes documents into the file `out`, or into the folder `out` as NAME.yaml. Answers the paths. Fails with
 * `CommandFailure` when one cannot be written, or is there and `isForced` is not.
 */
export async function writeFiles(
  documents: readonly WrittenDocument[],
  out: string,
  isForced: boolean,
): Promise<string[]> {
  const files = (await isFilePath(out))
    ? [{ path: out, text: documents.map(({ text }) => text).join("---\n") }]
    : documents.map(({ name, text }) => ({ path: join(out, `${name}.yaml`), text }));
  if (documents.length === 0) return [];
  for (const { path, text } of files) await writeOne(path, text, isForced);
  return files.map(({ path }) => path);
}

/** Where a document of a name is written: the file `out`, or in the folder `out`. */
export async function documentPath(out: string, name: string): Promise<string> {
  return (await isFilePath(out)) ? out : join(out, `${name}.yaml`);
}

/** Whether `out` is to be a file, not a folder with files. */
export async function isFilePath(out: string): Promise<boolean> {
  return /\.(?:ya?ml|json)$/i.test(out) && !(await isFolder(out));
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
