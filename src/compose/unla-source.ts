import { parseYaml } from "../adapters/yaml/parse-yaml.ts";
import { buildPositions } from "../adapters/yaml/source-positions.ts";
import { AppError } from "../core/errors.ts";
import type { UnlaSource } from "../imports/unla/import-unla.ts";

/** Reads the text of an Unla configuration. Throws `AppError("unprocessable")` with the line where it is broken. */
export function readUnlaSource(file: string, text: string): UnlaSource {
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
