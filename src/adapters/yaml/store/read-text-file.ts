import { readFile } from "node:fs/promises";
import { isGone } from "../config-files.ts";

/** Largest file of documents, as readers of configuration take it. */
export const maxFileBytes = 8 * 1_048_576;

export type TextFile =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "gone" }
  /** Too large, no UTF-8, or not to be read: what it holds is not known. */
  | { readonly kind: "unreadable"; readonly cause: unknown };

/** Reads a file of documents so that writing the text gives the same bytes, a byte order mark included. */
export async function readTextFile(path: string): Promise<TextFile> {
  try {
    const bytes = await readFile(path);
    if (bytes.length > maxFileBytes) return { kind: "unreadable", cause: new RangeError("the file is too large") };
    return { kind: "text", text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch (cause) {
    return isGone(cause) ? { kind: "gone" } : { kind: "unreadable", cause };
  }
}
