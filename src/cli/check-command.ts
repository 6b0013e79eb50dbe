import { checkConnected, checkDocuments } from "../compose/check.ts";
import { commandSecrets } from "./command-secrets.ts";
import { exitCodes } from "./exit-codes.ts";
import { countProblems, plural, printProblems } from "./print-problems.ts";
import { readDocuments } from "./read-documents.ts";
import { styler, type Terminal } from "./terminal.ts";

export interface CheckOptions {
  readonly paths: readonly string[];
  readonly format: "text" | "json";
  readonly secretsDir?: string | undefined;
  /** Also connect to MCP upstreams and list what they offer. */
  readonly connect?: boolean;
}

/** `passerelle check`: tells every problem of documents. Answers the exit code. */
export async function runCheck(options: CheckOptions, terminal: Terminal): Promise<number> {
  const { documents } = await readDocuments(options.paths);
  const secrets = commandSecrets(terminal, options.secretsDir);
  const problems = checkDocuments(documents, secrets);
  if (options.connect === true) problems.push(...(await checkConnected(documents, secrets)));
  const { errors, warnings, text } = countProblems(problems);
  if (options.format === "json") {
    const report = { documents: documents.length, errors, warnings, problems };
    terminal.write(`${JSON.stringify(report, undefined, 2)}\n`);
  } else {
    await printProblems(terminal, problems);
    const style = styler(terminal);
    const found = plural(documents.length, "document");
    const verdict = problems.length === 0 ? style("green", "no problems") : style(errors > 0 ? "red" : "yellow", text);
    terminal.write(`${found}: ${verdict}\n`);
  }
  return errors > 0 ? exitCodes.problems : exitCodes.ok;
}
