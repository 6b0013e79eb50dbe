import { parseArgs } from "node:util";
import type { Mode } from "./suites/suite.ts";

export interface BenchOptions {
  readonly mode: Mode;
  /** Names of the rows to measure; empty for all. */
  readonly only: readonly string[];
  /** Measured processes leave CPU profiles. */
  readonly isProfiling: boolean;
}

export const usage = `npm run bench [-- options]

  --quick         less of everything, in under three minutes; RESULTS.md is not written
  --only NAME     measure this row only; may be given more than once
  --profile NAME  measure this row with CPU profiles and show where the time went
  --list          show the names of the rows
  --help          show this

Exit code: 0 when every promise holds, 1 when one does not, 2 when the command is wrong,
3 when this machine cannot be measured.
`;

export type ParsedOptions =
  | { readonly kind: "run"; readonly options: BenchOptions }
  | { readonly kind: "help" }
  | { readonly kind: "list" }
  | { readonly kind: "wrong"; readonly message: string };

/** Reads the command line. `rows` are the names that may be asked for. */
export function parseOptions(args: readonly string[], rows: readonly string[]): ParsedOptions {
  let values: ReturnType<typeof parse>["values"];
  try {
    values = parse(args).values;
  } catch (error) {
    return { kind: "wrong", message: error instanceof Error ? error.message : String(error) };
  }
  if (values.help === true) return { kind: "help" };
  if (values.list === true) return { kind: "list" };
  const only = [...(values.only ?? []), ...(values.profile === undefined ? [] : [values.profile])];
  const unknown = only.find((name) => !rows.includes(name));
  if (unknown !== undefined) {
    return { kind: "wrong", message: `There is no row "${unknown}". The rows are: ${rows.join(", ")}.` };
  }
  const isProfiling = values.profile !== undefined;
  return { kind: "run", options: { mode: isProfiling || values.quick === true ? "quick" : "full", only, isProfiling } };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean" },
      only: { type: "string", multiple: true },
      profile: { type: "string" },
      list: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
}
