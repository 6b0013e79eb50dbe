import { type Command, Option } from "commander";

export interface ImportFlags {
  readonly out?: string;
  readonly name?: string;
  readonly prefix?: string;
  readonly report: "text" | "json";
  readonly force: boolean;
}

/** Options that every import of a description has. */
export function importOptions(command: Command): Command {
  return command
    .option("--out <path>", "file to write, or folder for NAME.yaml; standard output without it")
    .option("--name <name>", "name of the document")
    .option("--prefix <prefix>", "prefix of the route; /NAME without it")
    .addOption(
      new Option("--report <format>", "how to tell what was imported").choices(["text", "json"]).default("text"),
    )
    .option("--force", "write over files that are there", false);
}
