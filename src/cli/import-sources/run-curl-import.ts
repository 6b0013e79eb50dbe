import { importCurl } from "../../imports/curl/import-curl.ts";
import type { Terminal } from "../terminal.ts";
import { finishImport } from "./finish-import.ts";
import type { ImportFlags } from "./import-options.ts";
import { readSource } from "./read-source.ts";

/** `passerelle import curl`. Answers the exit code. Fails with `CommandFailure`. */
export async function runCurlImport(file: string, flags: ImportFlags, terminal: Terminal): Promise<number> {
  const text = await readSource(file);
  return finishImport(() => importCurl(text, flags), flags, terminal);
}
