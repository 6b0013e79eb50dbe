import { importMcpJson } from "../../imports/mcp-json/import-mcp-json.ts";
import type { Terminal } from "../terminal.ts";
import { finishImport } from "./finish-import.ts";
import type { ImportFlags } from "./import-options.ts";
import { readSource } from "./read-source.ts";

export interface McpJsonFlags extends ImportFlags {
  readonly separate: boolean;
}

/** `passerelle import mcp-json`. Answers the exit code. Fails with `CommandFailure`. */
export async function runMcpJsonImport(file: string, flags: McpJsonFlags, terminal: Terminal): Promise<number> {
  const text = await readSource(file);
  return finishImport(() => importMcpJson(text, flags), flags, terminal);
}
