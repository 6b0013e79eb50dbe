import { checkDocuments } from "../compose/check.ts";
import { describeDocument, type DocumentDescription } from "../core/config/describe.ts";
import type { ConfigRead } from "../core/config-source.ts";
import { commandSecrets } from "./command-secrets.ts";
import { exitCodes } from "./exit-codes.ts";
import { fetchServed } from "./fetch-served.ts";
import { type ChangeKind, type PartChange, planChanges, type ServerChange } from "../core/config/plan.ts";
import { printProblems } from "./print-problems.ts";
import { readDocuments } from "./read-documents.ts";
import { type Style, styler, type Terminal } from "./terminal.ts";

export interface PlanOptions {
  readonly paths: readonly string[];
  /** Compare with these paths instead of a running gateway. */
  readonly from?: readonly string[] | undefined;
  /** Operations address of the gateway to compare with. */
  readonly gateway: string;
  readonly format: "text" | "json";
  readonly detailedExitCode: boolean;
  readonly secretsDir?: string | undefined;
}

/** `passerelle plan`: tells what applying documents would change. Answers the exit code. */
export async function runPlan(options: PlanOptions, terminal: Terminal): Promise<number> {
  const wanted = await readDocuments(options.paths);
  const secrets = commandSecrets(terminal, options.secretsDir);
  const errors = checkDocuments(wanted.documents, secrets).filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    await printProblems(terminal, errors);
    terminal.write("Nothing was planned: mend the errors first.\n");
    return exitCodes.problems;
  }
  const served =
    options.from === undefined ? await fetchServed(options.gateway) : describeAll(await readDocuments(options.from));
  const changes = planChanges(served, describeAll(wanted));
  terminal.write(
    options.format === "json" ? `${JSON.stringify({ changes }, undefined, 2)}\n` : planText(changes, terminal),
  );
  return changes.length > 0 && options.detailedExitCode ? exitCodes.changes : exitCodes.ok;
}

/** Documents that have errors are not served, so they count as absent. */
function describeAll({ documents }: ConfigRead): DocumentDescription[] {
  return documents.flatMap(({ document }) => (document === undefined ? [] : [describeDocument(document)]));
}

const signs: Readonly<Record<ChangeKind, readonly [string, Style]>> = {
  add: ["+", "green"],
  change: ["~", "yellow"],
  remove: ["-", "red"],
};

function planText(changes: readonly ServerChange[], terminal: Terminal): string {
  if (changes.length === 0) return "No changes.\n";
  const style = styler(terminal);
  const lines = changes.flatMap(({ change, server, parts }) => {
    const [sign, colour] = signs[change];
    return [style(colour, `${sign} server ${server}`), ...parts.map((part) => partLine(part, style))];
  });
  const count = (kind: ChangeKind): number => changes.filter(({ change }) => change === kind).length;
  const total = `Servers: ${count("add")} to add, ${count("change")} to change, ${count("remove")} to remove.`;
  return `${lines.join("\n")}\n\n${style("bold", total)}\n`;
}

function partLine({ change, part, name, keys }: PartChange, style: ReturnType<typeof styler>): string {
  const [sign, colour] = signs[change];
  const detail = keys.length === 0 ? "" : `: ${keys.join(", ")}`;
  return `  ${style(colour, `${sign} ${part} ${name}`)}${detail}`;
}
