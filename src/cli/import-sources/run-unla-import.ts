import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { readUnlaSource } from "../../compose/unla-source.ts";
import { importUnla } from "../../imports/unla/import-unla.ts";
import { CommandFailure, exitCodes } from "../exit-codes.ts";
import type { Terminal } from "../terminal.ts";
import { finishImport } from "./finish-import.ts";
import type { ImportFlags } from "./import-options.ts";
import { readSource } from "./read-source.ts";

/** `passerelle import unla`. Answers the exit code. Fails with `CommandFailure`. */
export async function runUnlaImport(path: string, flags: ImportFlags, terminal: Terminal): Promise<number> {
  const files = path === "-" ? ["-"] : await filesOf(path);
  return finishImport(
    async () => {
      const sources = [];
      for (const file of files) sources.push(readUnlaSource(file, await readSource(file)));
      return importUnla(sources, flags);
    },
    flags,
    terminal,
  );
}

async function filesOf(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = await readdir(path);
    const files = names.filter((name) => /^[^.].*\.ya?ml$/i.test(name)).toSorted();
    if (files.length > 0) return files.map((name) => join(path, name));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailure(exitCodes.io, `${path} cannot be read: ${reason}`, { cause });
  }
  throw new CommandFailure(exitCodes.io, `${path} has no .yaml or .yml files`);
}
