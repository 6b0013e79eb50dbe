import type { Command } from "commander";
import { addSettings, examples, type Finish } from "./command-options.ts";
import type { Terminal } from "./terminal.ts";

/** The commands that serve until a signal. */
export function addServeCommands(program: Command, terminal: Terminal, finish: Finish): void {
  addStart(program, terminal, finish);
  addGateway(program, terminal, finish);
  addApiserver(program, terminal, finish);
}

function addStart(program: Command, terminal: Terminal, finish: Finish): void {
  const command = program
    .command("start")
    .description("Start a gateway with a demo server whose REST service is part of it.");
  addSettings(command, ["gateway", "apiserver"])
    .addHelpText("after", examples("passerelle start", "passerelle start --port 8080 --config ./servers"))
    .action(async (flags: Record<string, unknown>) => {
      const { runStart } = await import("./start-command.ts");
      finish(await runStart(flags, terminal));
    });
}

function addGateway(program: Command, terminal: Terminal, finish: Finish): void {
  const command = program
    .command("gateway")
    .description("Serve MCP clients from server documents. SIGHUP reloads, SIGTERM drains and ends.");
  addSettings(command, ["gateway"])
    .addHelpText(
      "after",
      examples(
        "passerelle gateway --config servers/crm.yaml",
        "passerelle gateway --config ./servers --host 0.0.0.0 --public-url https://mcp.example",
        "PASSERELLE_CONFIG=/etc/passerelle PASSERELLE_API_KEYS_FILE=/run/keys passerelle gateway",
      ),
    )
    .action(async (flags: Record<string, unknown>) => {
      const { runGateway } = await import("./gateway-command.ts");
      finish(await runGateway(flags, terminal));
    });
}

function addApiserver(program: Command, terminal: Terminal, finish: Finish): void {
  const command = program
    .command("apiserver")
    .description("Serve the control plane: configuration, users, keys and secrets over a REST API. SIGTERM ends it.");
  addSettings(command, ["apiserver"])
    .addHelpText(
      "after",
      examples(
        "passerelle apiserver --store sqlite:/var/lib/passerelle/passerelle.db --state-dir /var/lib/passerelle",
        "passerelle apiserver --store yaml:./servers --state-dir ./state",
        "PASSERELLE_STORE_FILE=/run/store-address PASSERELLE_ENCRYPTION_KEYS_FILE=/run/key passerelle apiserver",
      ),
    )
    .action(async (flags: Record<string, unknown>) => {
      const { runApiserver } = await import("./apiserver-command.ts");
      finish(await runApiserver(flags, terminal));
    });
}
