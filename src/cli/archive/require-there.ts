import { stat } from "node:fs/promises";
import { folderOf, isFolder } from "../../compose/stores.ts";
import { ifThere } from "../../adapters/file/replace-file.ts";
import { CommandFailure, exitCodes } from "../exit-codes.ts";

/**
 * Fails for a folder or SQLite file that is not there: who reads from one has mistyped it, and opening would make an
 * empty one. @throws CommandFailure with `io`
 */
export async function requireThere(address: string): Promise<void> {
  const path = pathOf(address);
  if (path === undefined || (await ifThere(stat(path))) !== undefined) return;
  throw new CommandFailure(exitCodes.io, `${path} is not there; ${address} names nothing to read from`);
}

function pathOf(address: string): string | undefined {
  if (isFolder(address)) return folderOf(address);
  return address.startsWith("sqlite:") ? address.slice("sqlite:".length).replace(/^\/\/(?=\/)/, "") : undefined;
}
