import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { CommandFailure, exitCodes } from "../exit-codes.ts";

/** Largest text that is read: nobody writes that much configuration by hand. */
const maxSourceBytes = 16 * 1_048_576;

/** The text of a file, or of standard input for `-`. Fails with `CommandFailure`. */
export async function readSource(file: string, input: NodeJS.ReadableStream = process.stdin): Promise<string> {
  const source = file === "-" ? await text(input) : await readText(file);
  if (source.length > maxSourceBytes) {
    throw new CommandFailure(exitCodes.usage, `${file} is larger than ${maxSourceBytes} bytes`);
  }
  // Editors of Windows put a byte order mark before the text.
  return source.replace(/^\ufeff/, "");
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailure(exitCodes.io, `${file} cannot be read: ${reason}`, { cause });
  }
}
