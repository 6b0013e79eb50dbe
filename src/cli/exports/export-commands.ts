import { type Command, InvalidArgumentError, Option } from "commander";
import { type ClientId, clientIds } from "../../exports/client-ids.ts";
import { examples, type Finish, format } from "../command-options.ts";
import type { Terminal } from "../terminal.ts";

/** The sub commands of `export` that write what connects clients and what registries read. */
export function addExportTargets(command: Command, terminal: Terminal, finish: Finish): void {
  addSnippets(command, terminal, finish);
  addServerJson(command, terminal, finish);
}

export interface SnippetFlags {
  readonly client?: readonly ClientId[];
  readonly url: string;
  readonly gateway: string;
  readonly format: "text" | "json";
}

const url = ["--url <url>", "address that clients reach the gateway by", "http://127.0.0.1:5235"] as const;

function addSnippets(parent: Command, terminal: Terminal, finish: Finish): void {
  parent
    .command("snippets")
    .description("Print what connects clients with a server: configuration, files, links.")
    .argument("<server>", "file with the server's document, or TENANT/NAME or NAME of a server that a gateway serves")
    .addOption(
      new Option("--client <client>", `only for this client (${clientIds.join(", ")}); may be repeated`).argParser(
        (value, before: readonly string[] | undefined) => [...(before ?? []), knownClient(value)],
      ),
    )
    .option(...url)
    .option("--gateway <url>", "operations address of the gateway that is asked for NAME", "http://127.0.0.1:5236")
    .addOption(format())
    .addHelpText(
      "after",
      examples(
        "passerelle export snippets servers/crm.yaml --url https://mcp.example.com",
        "passerelle export snippets crm --client cursor --client vs-code",
      ),
    )
    .action(async (server: string, flags: SnippetFlags) => {
      const { runSnippets } = await import("./run-snippets.ts");
      finish(await runSnippets(server, flags, terminal));
    });
}

function knownClient(value: string): ClientId {
  const client = clientIds.find((id) => id === value);
  if (client === undefined) throw new InvalidArgumentError(`Allowed choices are ${clientIds.join(", ")}.`);
  return client;
}

export interface ServerJsonFlags {
  readonly url: string;
  readonly name?: string;
  readonly repository?: string;
}

function addServerJson(parent: Command, terminal: Terminal, finish: Finish): void {
  parent
    .command("server-json")
    .description("Print the server.json with which a server is published in an MCP registry.")
    .argument("<file>", "file with the server's document")
    .requiredOption("--url <url>", "address that clients reach the gateway by")
    .option("--name <name>", "name in the registry; the host of --url from behind and the document's name without it")
    .option("--repository <url>", "repository with the source")
    .addHelpText(
      "after",
      examples("passerelle export server-json servers/crm.yaml --url https://mcp.example.com > server.json"),
    )
    .action(async (file: string, flags: ServerJsonFlags) => {
      const { runServerJson } = await import("./run-server-json.ts");
      finish(await runServerJson(file, flags, terminal));
    });
}
