import { createHash } from "node:crypto";
import type { ConfigRead, ConfigReader, SourceDocument } from "../../core/config-source.ts";
import { AppError } from "../../core/errors.ts";
import { readDocument } from "./read-document.ts";
import { splitDocuments } from "./split-documents.ts";

export interface TextConfig {
  /** Stands for the file name in keys and problems. */
  readonly name: string;
  readonly text: string;
  /** Folder that relative paths of the documents start from. */
  readonly baseDirectory: string;
}

/** Reads server documents from one YAML text that never changes. */
export class TextConfigReader implements ConfigReader {
  readonly #config: TextConfig;
  #read: ConfigRead | undefined;

  constructor(config: TextConfig) {
    this.#config = config;
  }

  async read(onDocument?: (document: SourceDocument) => void): Promise<ConfigRead> {
    this.#read ??= readText(this.#config);
    for (const document of this.#read.documents) onDocument?.(document);
    return this.#read;
  }
}

function readText({ name, text, baseDirectory }: TextConfig): ConfigRead {
  const sources = splitDocuments(text);
  if (sources === undefined) throw new AppError("invalid_configuration", `${name} has too many documents`);
  const documents = sources.map((source, index) => {
    const hash = hashOf(source.text);
    return readDocument(source, { key: `${name}#${index}`, file: name, hash, baseDirectory });
  });
  return { documents, revision: hashOf(text) };
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
