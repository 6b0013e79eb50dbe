import type { Command } from "commander";
import { collect, examples, type Finish } from "../command-options.ts";
import type { Terminal } from "../terminal.ts";
import { importOptions } from "./import-options.ts";
import type { OpenApiFlags } from "./openapi-flags.ts";

/** `passerelle import openapi`. */
export function addOpenApiImport(parent: Command, terminal: Terminal, finish: Finish): void {
  const command = parent
    .command("openapi")
    .description("Make a document of an OpenAPI description (2.0 to 3.2): a tool for each operation that is chosen.")
    .argument("<source>", "file or URL, JSON or YAML; - for standard input")
    .option("--base-url <url>", "where the API is; without it what the description proposes")
    .option("--all", "also operations that may change something", false)
    .option("--tag <tag>", "only operations with this tag; may be repeated, as the others", collect)
    .option("--path <glob>", "only paths that match: /pets*", collect)
    .option("--method <method>", "only this method, whatever it may change", collect)
    .option("--operation <glob>", "only operations whose operationId or `METHOD /path` matches", collect)
    .option("--exclude-tag <tag>", "no operations with this tag", collect)
    .option("--exclude-path <glob>", "no paths that match", collect)
    .option("--exclude-method <method>", "not this method", collect)
    .option("--exclude-operation <glob>", "no operations whose operationId or `METHOD /path` matches", collect)
    .option("--exclude-deprecated", "no operations that are deprecated", false)
    .option("--overlay <source>", "file or URL of an OpenAPI overlay, applied in this order", collect)
    .option("--header <header>", "`Name: value`, sent when the description is fetched", collect)
    .option("--allow-private <range>", "address or CIDR range that may be fetched besides the public internet", collect)
    .option("--folder <path>", "folder that references may read files of; that of the description without it")
    .option("--max-description <characters>", "longest description of a tool; 600 without it")
    .option("--dry-run", "tell what would be written, and write nothing", false)
    .option("--theirs", "import again: where both were changed, take the description's side", false)
    .option("--restore-removed", "import again: bring back tools that were taken out by hand", false);
  importOptions(command)
    .addHelpText(
      "after",
      examples(
        "passerelle import openapi openapi.yaml --name crm --out servers/crm.yaml",
        "passerelle import openapi https://api.example.com/openapi.json --tag customers --all",
        "passerelle import openapi openapi.yaml --out servers/crm.yaml --dry-run   # again: edits are kept",
        "passerelle import openapi petstore.json --operation 'get*' --base-url https://petstore.example/v2",
      ),
    )
    .action(async (source: string, flags: OpenApiFlags) => {
      const { runOpenApiImport } = await import("./run-openapi-import.ts");
      finish(await runOpenApiImport(source, flags, terminal));
    });
}
