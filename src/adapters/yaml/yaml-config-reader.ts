import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { ConfigRead, ConfigReader, SourceDocument } from "../../core/config-source.ts";
import { type ConfigFile, isGone, listConfigFiles, reasonOf } from "./config-files.ts";
import { moveDocument, readDocument } from "./read-document.ts";
import { type DocumentText, maxDocuments, splitDocuments } from "./split-documents.ts";

/** Largest configuration file. */
const maxFileBytes = 8 * 1_048_576;
/** How long reading may hold the event loop before it yields; one document is never interrupted. */
const maxHoldMs = 5;

interface ReadDocument {
  readonly source: DocumentText;
  readonly document: SourceDocument;
}

/**
 * Reads server documents from YAML and JSON files: files and folders, several documents per file.
 * An unchanged document of the read before is answered as the same object. What cannot be read of a
 * file becomes problems of its documents; only a given path that is missing makes `read` fail.
 */
export class YamlConfigReader implements ConfigReader {
  readonly #paths: readonly string[];
  #known = new Map<string, ReadDocument>();

  constructor(paths: readonly string[]) {
    this.#paths = paths;
  }

  async read(onDocument?: (document: SourceDocument) => void): Promise<ConfigRead> {
    const { files } = await listConfigFiles(this.#paths);
    const found = new Map<string, ReadDocument>();
    const revision = createHash("sha256");
    let heldSince = performance.now();
    for (const file of files) {
      for await (const entry of this.#readFile(file)) {
        found.set(entry.document.key, entry);
        onDocument?.(entry.document);
        revision.update(`${entry.document.key}\0${entry.document.hash}\0`);
        if (performance.now() - heldSince < maxHoldMs) continue;
        await setImmediate();
        heldSince = performance.now();
      }
    }
    this.#known = found;
    return {
      documents: Array.from(found.values(), ({ document }) => document),
      revision: revision.digest("hex").slice(0, 16),
    };
  }

  async *#readFile(file: ConfigFile): AsyncGenerator<ReadDocument> {
    const content = await readText(file);
    if (content === undefined) return;
    if (content.kind === "unreadable") {
      yield* this.#refuseFile(file, content.message, content.mend);
      return;
    }
    const documents = splitDocuments(content.text);
    if (documents === undefined) {
      yield* this.#refuseFile(file, `the file has more than ${maxDocuments} documents`, "split it into several files");
      return;
    }
    for (const [index, source] of documents.entries()) yield this.#readOne(file, index, source);
  }

  #readOne(file: ConfigFile, index: number, source: DocumentText): ReadDocument {
    const key = `${file.name}#${index}`;
    const hash = createHash("sha256").update(source.text).digest("hex").slice(0, 32);
    const place = { key, hash, file: file.name, baseDirectory: dirname(file.path) };
    const before = this.#known.get(key);
    if (before?.document.hash !== hash) return { source, document: readDocument(source, place) };
    const byLines = source.line - before.source.line;
    if (byLines === 0) return before;
    return { source, document: moveDocument(before.document, source, place, byLines) };
  }

  /** One problem for each document that the file had, so that none of them counts as removed. */
  *#refuseFile(file: ConfigFile, message: string, mend: string | undefined): Generator<ReadDocument> {
    const keys = [...this.#known.keys()].filter((key) => key.slice(0, key.lastIndexOf("#")) === file.name);
    const start = { file: file.name, line: 1, column: 1 };
    const problem = { severity: "error", path: [], message, ...start } as const;
    for (const key of keys.length > 0 ? keys : [`${file.name}#0`]) {
      const document: SourceDocument = {
        key,
        hash: `refused ${file.stamp}`,
        baseDirectory: dirname(file.path),
        document: undefined,
        problems: [mend === undefined ? problem : { ...problem, mend }],
        locate: () => start,
      };
      yield { source: { text: "", line: 0 }, document };
    }
  }
}

type FileContent =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "unreadable"; readonly message: string; readonly mend?: string };

/** Absent when the file has gone since it was listed. */
async function readText(file: ConfigFile): Promise<FileContent | undefined> {
  if (file.size > maxFileBytes) {
    const message = `the file is larger than ${maxFileBytes / 1_048_576} MB`;
    return { kind: "unreadable", message, mend: "split it into several files" };
  }
  try {
    const bytes = await readFile(file.path);
    return { kind: "text", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch (error) {
    if (isGone(error)) return undefined;
    if (error instanceof TypeError) {
      return { kind: "unreadable", message: "the file is not UTF-8 text", mend: "save it as UTF-8" };
    }
    return { kind: "unreadable", message: `cannot read the file: ${reasonOf(error)}` };
  }
}
