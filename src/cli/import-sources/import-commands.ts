import type { Command } from "commander";
import { examples, type Finish } from "../command-options.ts";
import type { Terminal } from "../terminal.ts";
import { type ImportFlags, importOptions } from "./import-options.ts";
import { addOpenApiImport } from "./openapi-command.ts";

/** The sub commands of `import` that make documents of other programs' configuration. */
export function addImportSources(command: Command, terminal: Terminal, finish: Finish): void {
  addOpenApiImport(command, terminal, finish);
  addMcpJson(command, terminal, finish);
  addCurl(command, terminal, finish);
  addUnla(command, terminal, finish);
}

function addMcpJson(parent: Command, terminal: Terminal, finish: Finish): void {
  const command = parent
    .command("mcp-json")
    .description("Make a document of the MCP servers that a client's configuration lists.")
    .argument("<file>", "configuration of a client, JSON with comments or TOML; - for standard input")
    .option("--separate", "one document for each server instead of one with all", false);
  importOptions(command)
    .addHelpText(
      "after",
      examples(
        'passerelle import mcp-json "$HOME/.cursor/mcp.json" --out servers/tools.yaml',
        "passerelle import mcp-json .vscode/mcp.json --separate --out servers",
        "passerelle import mcp-json ~/.codex/config.toml --name codex",
      ),
    )
    .action(async (file: string, flags: ImportFlags & { readonly separate: boolean }) => {
      const { runMcpJsonImport } = await import("./run-mcp-json-import.ts");
      finish(await runMcpJsonImport(file, flags, terminal));
    });
}

function addCurl(parent: Command, terminal: Terminal, finish: Finish): void {
  const command = parent
    .command("curl")
    .description("Make a document of curl commands: a tool for each request.")
    .argument("[file]", "file with the commands; - for standard input", "-");
  importOptions(command)
    .addHelpText(
      "after",
      examples(
        "passerelle import curl requests.sh --name crm --out servers/crm.yaml",
        "pbpaste | passerelle import curl --name crm",
      ),
    )
    .action(async (file: string, flags: ImportFlags) => {
      const { runCurlImport } = await import("./run-curl-import.ts");
      finish(await runCurlImport(file, flags, terminal));
    });
}

function addUnla(parent: Command, terminal: Terminal, finish: Finish): void {
  const command = parent
    .command("unla")
    .description("Make documents of the configuration of an Unla gateway.")
    .argument("<path>", "file, or folder with .yaml and .yml files; - for standard input");
  importOptions(command)
    .addHelpText("after", examples("passerelle import unla ./unla/configs --out servers"))
    .action(async (path: string, flags: ImportFlags) => {
      const { runUnlaImport } = await import("./run-unla-import.ts");
      finish(await runUnlaImport(path, flags, terminal));
    });
}
