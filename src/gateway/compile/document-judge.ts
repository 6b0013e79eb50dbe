import { summarizeDocument } from "../../core/config/summarize-document.ts";
import type { SourceDocument, TenantSecrets } from "../../core/config-source.ts";
import type { DocumentJudge, JudgedDocument } from "../../core/document-judge.ts";
import { checkDocuments } from "./check-documents.ts";

export interface CompilingJudgeOptions {
  /** Reads the text of one document; what is wrong with it is in the answer's problems. */
  readonly read: (text: string, name: string) => SourceDocument;
  /** For the secrets that a document names; those of its own tenant. */
  readonly secrets: TenantSecrets;
}

/** Judges documents by compiling them as a gateway does, JSON Schemas included. Nothing is kept or connected. */
export class CompilingJudge implements DocumentJudge {
  readonly #options: CompilingJudgeOptions;

  constructor(options: CompilingJudgeOptions) {
    this.#options = options;
  }

  /** The work of parsing and compiling blocks the event loop: callers bound the size of `text`. */
  async judge(text: string, name: string): Promise<JudgedDocument> {
    const { read, secrets } = this.#options;
    await secrets.refresh();
    const source = read(text, name);
    const { document } = source;
    const problems = checkDocuments([source], secrets);
    problems.sort((a, b) => a.line - b.line || a.column - b.column);
    const summary = document === undefined ? undefined : summarizeDocument(document);
    return { document, summary, problems, locate: (path, atKey) => source.locate(path, atKey) };
  }
}
