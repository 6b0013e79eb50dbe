import { compileInWorker } from "../../compose/openapi/compile-in-worker.ts";
import type { CompiledImport, MergeTask } from "../../imports/merge/merge-task.ts";
import { AppError } from "../../core/errors.ts";
import type { OpenApiChoices } from "../../imports/openapi/openapi-import.ts";
import { CommandFailure, exitCodes } from "../exit-codes.ts";
import type { Terminal } from "../terminal.ts";
import type { ReadDescription } from "./read-description.ts";

/** Somebody waits in front of it and may end it. */
const longestMs = 600_000;

/** Compiles a description, and carries it into a document where there is one. Fails with `CommandFailure`. */
export function compileDescription(
  { source, load }: ReadDescription,
  choices: OpenApiChoices,
  terminal: Terminal,
  merge?: MergeTask,
): Promise<CompiledImport> {
  const options = { load, progress: progressOn(terminal), timeoutMs: longestMs };
  return tellRefusal(() => compileInWorker(source, choices, merge === undefined ? options : { ...options, merge }));
}

async function tellRefusal(work: () => Promise<CompiledImport>): Promise<CompiledImport> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code === "internal") throw cause;
    const exitCode = cause.code === "unprocessable" ? exitCodes.problems : exitCodes.io;
    throw new CommandFailure(exitCode, cause.message, { cause });
  }
}

/** Lines on standard error, when somebody reads along. */
function progressOn(terminal: Terminal): (progress: { readonly done: number; readonly all: number }) => void {
  return ({ done, all }) => {
    if (terminal.isInteractive && all >= 1_000 && done % 500 === 0) {
      terminal.writeError(`${done} of ${all} operations …\n`);
    }
  };
}
