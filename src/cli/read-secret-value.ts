import { readFile } from "node:fs/promises";
import { maxSecretBytes } from "../core/secret-store.ts";
import { CommandFailure, exitCodes } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

export interface SecretValueOptions {
  /** File that holds the value; standard input when absent. */
  readonly file?: string | undefined;
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
}

/** The value of a secret, as it is, but for one line break at its end: editors and `echo` add one. */
export async function readSecretValue({ file, input }: SecretValueOptions, { writeError }: Terminal): Promise<string> {
  if (file === undefined && input.isTTY === true) writeError("The value, which is shown as you type; then Ctrl+D:\n");
  const bytes = file === undefined ? await readInput(input) : await readSecretFile(file);
  const value = decode(bytes).replace(/\r?\n$/, "");
  if (value === "") throw new CommandFailure(exitCodes.usage, "the value is empty");
  if (Buffer.byteLength(value) > maxSecretBytes) {
    throw new CommandFailure(exitCodes.usage, `the value is larger than ${maxSecretBytes} bytes`);
  }
  return value;
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new CommandFailure(exitCodes.usage, "the value is not UTF-8", { cause });
  }
}

async function readInput(input: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    chunks.push(bytes);
    // What is more is not read: the length tells that it is too much.
    if (length > maxSecretBytes + 2) break;
  }
  return Buffer.concat(chunks);
}

async function readSecretFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailure(exitCodes.io, `the value cannot be read: ${reason}`, { cause });
  }
}
