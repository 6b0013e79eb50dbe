import { Command, CommanderError, Option } from "commander";
import { type Process, settingOptions, type Option as SettingOption } from "../settings-options.ts";
import { programVersion } from "../version.ts";
import { CommandFailure, exitCodeHelp, exitCodes } from "./exit-codes.ts";
import type { CheckOptions } from "./check-command.ts";
import type { ApproveOptions, ListOptions } from "./pins-command.ts";
import type { PlanOptions } from "./plan-command.ts";
import type { Terminal } from "./terminal.ts";

/** What an action answers: the exit code. Commands are imported when they run, so that each starts fast. */
type Finish = (exitCode: number) => void;

/**
 * Runs the command line and answers the exit code. Everything that is wrong is told on the
 * terminal; nothing is thrown.
 */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const program = buildProgram(terminal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    return tellFailure(error, terminal);
  }
}

function tellFailure(error: unknown, terminal: Terminal): number {
  // Commander has already written its message; help and version end with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof CommandFailure) {
    terminal.writeError(`${error.message.replace(/^/gm, "passerelle: ")}\n`);
    return error.exitCode;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.writeError(`passerelle: internal error, please report it\n${detail}\n`);
  return exitCodes.internal;
}

function buildProgram(terminal: Terminal, finish: Finish): Command {
  const program = new Command("passerelle")
    .description("MCP gateway: serves REST APIs and MCP servers to MCP clients, by configuration alone.")
    .exitOverride()
    .configureOutput({ writeOut: terminal.write, writeErr: terminal.writeError })
    .showHelpAfterError("(`passerelle COMMAND --help` tells more)")
    .addHelpText("after", `\n${exitCodeHelp}`);
  addStart(program, terminal, finish);
  addGateway(program, terminal, finish);
  addApiserver(program, terminal, finish);
  addCheck(program, terminal, finish);
  addPlan(program, terminal, finish);
  addPins(program, terminal, finish);
  program
    .command("version")
    .description("Print the version.")
    .addHelpText("after", examples("passerelle version"))
    .action(() => terminal.write(`${programVersion()}\n`));
  return program;
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

function addCheck(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command("check")
    .description("Tell every problem of server documents with its place and how to mend it.")
    .argument("<path...>", "files and folders with server documents")
    .addOption(format())
    .option("--secrets-dir <path>", settingOptions.secretsDir.description)
    .option("--connect", "also start and ask the MCP upstreams, and tell what they do not offer")
    .addHelpText(
      "after",
      examples(
        "passerelle check ./servers",
        "passerelle check --connect crm.yaml",
        "passerelle check --format json crm.yaml | jq .problems",
      ),
    )
    .action(async (paths: string[], flags: Omit<CheckOptions, "paths">) => {
      const { runCheck } = await import("./check-command.ts");
      finish(await runCheck({ paths, ...flags }, terminal));
    });
}

function addPlan(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command("plan")
    .description("Tell what applying server documents would add, change and remove.")
    .argument("<path...>", "files and folders with server documents")
    .option("--from <path>", "compare with these documents instead of a running gateway; may be repeated", collect)
    .option("--gateway <url>", "operations address of the running gateway", "http://127.0.0.1:5236")
    .option("--secrets-dir <path>", settingOptions.secretsDir.description)
    .option("--detailed-exit-code", "exit with 3 when there are changes", false)
    .addOption(format())
    .addHelpText(
      "after",
      examples(
        "passerelle plan ./servers",
        "passerelle plan ./servers --gateway http://10.0.0.7:5236",
        "passerelle plan ./servers --from ./live --detailed-exit-code",
      ),
    )
    .action(async (paths: string[], flags: Omit<PlanOptions, "paths">) => {
      const { runPlan } = await import("./plan-command.ts");
      finish(await runPlan({ paths, ...flags }, terminal));
    });
}

function addPins(program: Command, terminal: Terminal, finish: Finish): void {
  const pins = program.command("pins").description("List and approve the pinned tools of MCP upstreams.");
  const { flag, description, environment } = settingOptions.stateDir;
  const stateDir = (): Option => new Option(flag, `${description} (${environment})`);
  pins
    .command("list")
    .description("List the tools that are pinned; what has changed since is in a gateway's /status.")
    .addOption(stateDir())
    .addOption(format())
    .addHelpText(
      "after",
      examples("passerelle pins list --state-dir /var/lib/passerelle", "passerelle pins list --format json | jq .pins"),
    )
    .action(async (flags: ListOptions) => {
      const { runPinsList } = await import("./pins-command.ts");
      finish(await runPinsList(flags, terminal));
    });
  pins
    .command("approve")
    .description("Forget pins, so that the tools are pinned as a gateway sees them next; a running one notices.")
    .argument("<server>", "TENANT/NAME of the server, or its name in the tenant default")
    .argument("[upstream]", "key of the upstream in its document; all when absent")
    .argument("[tool]", "name of the tool at the upstream; all when absent")
    .addOption(stateDir())
    .addHelpText(
      "after",
      examples(
        "passerelle pins approve crm docs read_file --state-dir /var/lib/passerelle",
        "PASSERELLE_STATE_DIR=/var/lib/passerelle passerelle pins approve sales/crm docs",
      ),
    )
    .action(async (server: string, upstream: string | undefined, tool: string | undefined, flags: ApproveFlags) => {
      const { runPinsApprove } = await import("./pins-command.ts");
      finish(await runPinsApprove({ server, upstream, tool, ...flags }, terminal));
    });
}

type ApproveFlags = Pick<ApproveOptions, "stateDir">;

/** Adds the options of these processes, and the settings file that may hold them. */
function addSettings(command: Command, processes: readonly Process[]): Command {
  for (const [key, option] of settingEntries()) {
    if (!option.processes.some((process) => processes.includes(process))) continue;
    const { flag, description, separator, defaultValue, environment } = option;
    const shown =
      typeof defaultValue === "string" || typeof defaultValue === "number" ? `, default ${defaultValue}` : "";
    const flagOption = new Option(flag, `${description} (${environment}${shown})`);
    if (separator !== undefined) flagOption.argParser(collect);
    // The table's key, which a repeated flag in the singular differs from.
    flagOption.attributeName = () => key;
    command.addOption(flagOption);
  }
  return command.option("--settings <path>", "YAML file with any of these options by name (PASSERELLE_SETTINGS)");
}

function settingEntries(): [string, SettingOption<unknown>][] {
  return Object.entries<SettingOption<unknown>>(settingOptions);
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

function format(): Option {
  return new Option("--format <format>", "how to print").choices(["text", "json"]).default("text");
}

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}\n\n${exitCodeHelp}`;
}
