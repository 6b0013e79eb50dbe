import { AppError } from "../../core/errors.ts";
import { registryServerJson } from "../../exports/registry-server-json.ts";
import { CommandFailure, exitCodes } from "../exit-codes.ts";
import type { Terminal } from "../terminal.ts";
import type { ServerJsonFlags } from "./export-commands.ts";
import { readPublicUrl, readServer } from "./read-server.ts";

/** `passerelle export server-json`. Answers the exit code. Fails with `CommandFailure`. */
export async function runServerJson(
  file: string,
  { url, ...flags }: ServerJsonFlags,
  terminal: Terminal,
): Promise<number> {
  const publicUrl = readPublicUrl(url);
  const document = await readServer(file);
  try {
    terminal.write(`${JSON.stringify(registryServerJson(document, { publicUrl, ...flags }), undefined, 2)}\n`);
    return exitCodes.ok;
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== "unprocessable") throw cause;
    throw new CommandFailure(exitCodes.problems, cause.message, { cause });
  }
}
