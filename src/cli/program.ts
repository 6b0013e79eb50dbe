import { Command, CommanderError } from "commander";
import { programVersion } from "../version.ts";
import { examples, type Finish } from "./command-options.ts";
import { addDocumentCommands } from "./document-commands.ts";
import { CommandFailure, exitCodeHelp, exitCodes } from "./exit-codes.ts";
import { addServeCommands } from "./serve-commands.ts";
import { addStoreCommands } from "./store-commands.ts";
import type { Terminal } from "./terminal.ts";

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
  addServeCommands(program, terminal, finish);
  addDocumentCommands(program, terminal, finish);
  addStoreCommands(program, terminal, finish);
  program
    .command("version")
    .description("Print the version.")
    .addHelpText("after", examples("passerelle version"))
    .action(() => terminal.write(`${programVersion()}\n`));
  return program;
}
