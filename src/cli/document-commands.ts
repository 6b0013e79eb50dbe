import { type Command, Option } from "commander";
import { settingOptions } from "../settings-options.ts";
import type { CheckOptions } from "./check-command.ts";
import { collect, examples, type Finish, format } from "./command-options.ts";
import type { ApproveOptions, ListOptions } from "./pins-command.ts";
import type { PlanOptions } from "./plan-command.ts";
import type { Terminal } from "./terminal.ts";

/** The commands about documents in files, and about the tools that gateways have pinned. */
export function addDocumentCommands(program: Command, terminal: Terminal, finish: Finish): void {
  addCheck(program, terminal, finish);
  addPlan(program, terminal, finish);
  addPins(program, terminal, finish);
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
