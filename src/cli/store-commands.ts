import type { Command } from "commander";
import { addSomeSettings, examples, type Finish, format } from "./command-options.ts";
import { addExportTargets } from "./exports/export-commands.ts";
import { addImportSources } from "./import-sources/import-commands.ts";
import { settingOptions } from "../settings-options.ts";
import type { Terminal } from "./terminal.ts";

/** The commands about what is kept: stores, databases, secrets. */
export function addStoreCommands(program: Command, terminal: Terminal, finish: Finish): void {
  addMigrate(program, terminal, finish);
  addExport(program, terminal, finish);
  addImport(program, terminal, finish);
  addSecrets(program, terminal, finish);
}

function addMigrate(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command("migrate")
    .description("Bring the schema of a database up to date. Processes that serve do it at their start as well.")
    .argument("<address>", "sqlite:FILE, postgres://… or mysql://…")
    .option("--dry-run", "tell what would be done and change nothing", false)
    .addHelpText(
      "after",
      examples(
        "passerelle migrate sqlite:/var/lib/passerelle/passerelle.db --dry-run",
        "passerelle migrate postgres://passerelle@db.example/passerelle",
      ),
    )
    .action(async (address: string, { dryRun }: { readonly dryRun: boolean }) => {
      const { runMigrate } = await import("./migrate-command.ts");
      finish(await runMigrate({ address, dryRun }, terminal));
    });
}

interface StoreFlags {
  readonly store: string;
  readonly database?: string;
}

function addExport(program: Command, terminal: Terminal, finish: Finish): void {
  const command = withStore(program.command("export"))
    .description(
      "Write everything into an archive (documents with their versions, users, keys, sealed secrets, audit log), or what connects clients with a server.",
    )
    .argument("<file>", "file to write, or - for standard output")
    .addHelpText(
      "after",
      examples(
        "passerelle export --store sqlite:passerelle.db backup.ndjson",
        "passerelle export --store yaml:./servers - | passerelle import --store postgres://root@127.0.0.1/passerelle -",
      ),
    )
    .action(async (file: string, flags: Partial<StoreFlags>) => {
      requireStore(command, flags);
      const { runExport } = await import("./export-command.ts");
      finish(await runExport({ file, ...flags }, terminal));
    });
  addExportTargets(command, terminal, finish);
}

function addImport(program: Command, terminal: Terminal, finish: Finish): void {
  const command = withStore(program.command("import"))
    .description(
      "Read an archive of `passerelle export` into a store and a database that are empty, or make documents of other programs' configuration.",
    )
    .argument("<file>", "file to read, or - for standard input")
    .option("--merge", "leave alone what is there already, and take the rest", false)
    .addHelpText("after", examples("passerelle import --store sqlite:passerelle.db backup.ndjson"))
    .action(async (file: string, flags: Partial<StoreFlags> & { readonly merge: boolean }) => {
      requireStore(command, flags);
      const { runImport } = await import("./import-command.ts");
      finish(await runImport({ file, ...flags }, terminal));
    });
  addImportSources(command, terminal, finish);
}

function withStore(command: Command): Command {
  const { store, database } = settingOptions;
  return command.option(store.flag, store.description).option(database.flag, database.description);
}

/** Archives need a store; the sub commands beside them do not, so no option of the command can demand it. */
function requireStore(command: Command, flags: Partial<StoreFlags>): asserts flags is StoreFlags {
  if (flags.store !== undefined) return;
  command.error(`error: required option '${settingOptions.store.flag}' not specified`);
}

function addSecrets(program: Command, terminal: Terminal, finish: Finish): void {
  const secrets = program.command("secrets").description("List, set, delete and seal anew the secrets of a database.");
  const add = (name: string, description: string): Command =>
    addSomeSettings(secrets.command(name).description(description), [
      "store",
      "database",
      "encryptionKeys",
      "stateDir",
    ]);
  const tenant = ["--tenant <tenant>", "tenant of the secret", "default"] as const;
  add("list", "List names, versions and ages; values are never shown.")
    .option(...tenant)
    .addOption(format())
    .addHelpText("after", examples("passerelle secrets list --store sqlite:passerelle.db"))
    .action(async ({ tenant, format, ...flags }: { tenant: string; format: "text" | "json" }) => {
      const { runSecretsList } = await import("./secrets-command.ts");
      finish(await runSecretsList({ tenant, format, flags }, terminal));
    });
  add("set", "Give a secret a value, which is read from standard input or a file.")
    .argument("<name>", "as documents name it: ${secrets.NAME}")
    .option(...tenant)
    .option("--file <path>", "file that holds the value; standard input without it")
    .option("--description <text>", "what it is for")
    .addHelpText("after", examples("passerelle secrets set CRM_TOKEN --store sqlite:passerelle.db < token.txt"))
    .action(async (name: string, { tenant, file, description, ...flags }: SetFlags) => {
      const { runSecretsSet } = await import("./secrets-command.ts");
      finish(await runSecretsSet({ name, tenant, file, description, flags, input: process.stdin }, terminal));
    });
  add("delete", "Delete a secret.")
    .argument("<name>", "name of the secret")
    .option(...tenant)
    .addHelpText("after", examples("passerelle secrets delete CRM_TOKEN --store sqlite:passerelle.db"))
    .action(async (name: string, { tenant, ...flags }: { readonly tenant: string }) => {
      const { runSecretsDelete } = await import("./secrets-command.ts");
      finish(await runSecretsDelete({ name, tenant, flags }, terminal));
    });
  add("rotate", "Seal everything anew with the first encryption key, so that the others are not needed any more.")
    .addHelpText(
      "after",
      examples("PASSERELLE_ENCRYPTION_KEYS=NEW,OLD passerelle secrets rotate --store sqlite:passerelle.db"),
    )
    .action(async (flags: Record<string, unknown>) => {
      const { runSecretsRotate } = await import("./secrets-command.ts");
      finish(await runSecretsRotate({ flags }, terminal));
    });
}

interface SetFlags {
  readonly tenant: string;
  readonly file?: string;
  readonly description?: string;
}
