import { accessSync, constants } from "node:fs";
import { AppError } from "../../../core/errors.ts";
import type { StdioCommand } from "./stdio-command.ts";

/** Turns what the system said of a program that did not start into a sentence that says what, where and how to mend it. */
export function describeSpawnFailure(cause: unknown, { command, cwd, label, key }: StdioCommand): AppError {
  const failure = (sentence: string): AppError =>
    new AppError("upstream_failed", `${label} cannot be started: ${sentence}`, { cause });
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  // The system says of a missing folder what it says of a missing program.
  if (cwd !== undefined && !canEnter(cwd)) {
    return failure(`\`${cwd}\` is no folder that can be entered. Create it, or change \`${key}.cwd\`.`);
  }
  switch (code) {
    case "ENOENT":
      return failure(
        `there is no program \`${command}\`. Install it, or give its full path in \`${key}.command\`; \`${key}.env\` may set another PATH.`,
      );
    case "EACCES":
    case "EPERM":
      return failure(
        `\`${command}\` may not be executed (${code}). Check its permissions and \`${key}.command\`, which names a program, not a folder.`,
      );
    case "EAGAIN":
    case "ENOMEM":
    case "EMFILE":
    case "ENFILE":
      return failure(
        `the system has no room for another process of \`${command}\` (${code}). Raise its limits of processes, memory or open files, or lower \`${key}.maxConnections\`.`,
      );
    case "E2BIG":
      return failure(
        `the arguments and variables for \`${command}\` are too long (E2BIG). Shorten \`${key}.args\` or \`${key}.env\`.`,
      );
    case "ERR_INVALID_ARG_VALUE":
      return failure(
        `\`${command}\`, an argument or a variable holds a null character. Remove it from \`${key}.command\`, \`args\` or \`env\`.`,
      );
    default:
      return failure(
        `\`${command}\` failed${typeof code === "string" ? ` (${code})` : ""}. Check \`${key}.command\` and \`${key}.cwd\`.`,
      );
  }
}

function canEnter(folder: string): boolean {
  try {
    accessSync(`${folder}/.`, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
