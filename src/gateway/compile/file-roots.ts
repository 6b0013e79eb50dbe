import { open, realpath } from "node:fs/promises";
import { isAbsolute, join, resolve, sep } from "node:path";
import { isUtf8 } from "node:buffer";
import { AppError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { ResourceContent } from "./resource-content.ts";

const notFound = (): AppError => new AppError("resource_not_found", "Resource not found.");

/** Reads files below a few allowed folders; neither `..` nor a link leads out of them. */
export class FileRoots {
  readonly #roots: readonly string[];
  readonly #maxBytes: number;

  /** @param baseDirectory what relative roots are relative to: the document's folder. */
  constructor(options: { roots: readonly string[]; baseDirectory: string; maxBytes: number }) {
    this.#roots = options.roots.map((root) => resolve(options.baseDirectory, root));
    this.#maxBytes = options.maxBytes;
  }

  /**
   * Reads `pattern`, whose `{name}` parts take arguments, from the first root that has it.
   *
   * @throws AppError `resource_not_found` when no root has it or it leads out of its root.
   */
  async read(pattern: string, args: JsonObject, mimeType: string | undefined): Promise<ResourceContent> {
    const path = fillPattern(pattern, args);
    for (const root of this.#roots) {
      const bytes = await this.#readBelow(root, path);
      if (bytes === undefined) continue;
      if (isUtf8(bytes)) return { kind: "text", text: bytes.toString("utf8"), mimeType };
      return { kind: "blob", base64: bytes.toString("base64"), mimeType };
    }
    throw notFound();
  }

  async #readBelow(root: string, path: string): Promise<Buffer | undefined> {
    try {
      const realRoot = await realpath(root);
      const realFile = await realpath(join(root, path));
      if (!realFile.startsWith(realRoot + sep)) return undefined;
      return await this.#readBounded(realFile);
    } catch (error) {
      if (error instanceof AppError) throw error;
      return undefined; // absent, not readable, or a folder: the same to a client
    }
  }

  async #readBounded(file: string): Promise<Buffer | undefined> {
    const handle = await open(file, "r");
    try {
      const status = await handle.stat();
      if (!status.isFile()) return undefined;
      if (status.size > this.#maxBytes) {
        throw new AppError("upstream_failed", `The file is larger than files.maxBytes (${this.#maxBytes} bytes).`);
      }
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  }
}

function fillPattern(pattern: string, args: JsonObject): string {
  const filled = pattern.replace(/\{([A-Za-z0-9_.]+)\}/g, (_whole, name: string) => {
    const value = Object.hasOwn(args, name) ? args[name] : undefined;
    if (typeof value !== "string" || value === "" || value === "." || value === ".." || /[/\\\0]/.test(value)) {
      throw notFound();
    }
    return value;
  });
  if (isAbsolute(filled) || filled.split(/[/\\]/).includes("..")) throw notFound();
  return filled;
}
