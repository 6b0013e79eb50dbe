import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseYaml } from "../../adapters/yaml/parse-yaml.ts";
import { buildPositions } from "../../adapters/yaml/source-positions.ts";
import { AppError } from "../../core/errors.ts";
import { importUnla, type UnlaSource } from "../../imports/unla/import-unla.ts";
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
      for (const file of files) sources.push(sourceOf(file, await readSource(file)));
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

function sourceOf(file: string, text: string): UnlaSource {
  const parsed = parseYaml(text);
  if (parsed.kind === "broken") {
    const [problem] = parsed.problems;
    const line = lineAt(text, problem?.offset ?? 0);
    throw new AppError("unprocessable", `${file}:${line}: ${problem?.message ?? "this is no YAML"}`);
  }
  const positions = buildPositions(text);
  return {
    file,
    value: parsed.value,
    lineOf: (path) => {
      const offset = positions?.offsetOf(path, false) ?? 0;
      // The text of a block begins in the line behind its sign.
      return lineAt(text, offset) + (/[|>]/.test(text.charAt(offset)) ? 1 : 0);
    },
  };
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
