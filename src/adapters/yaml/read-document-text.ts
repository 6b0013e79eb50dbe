import { createHash } from "node:crypto";
import { summarizeDocument } from "../../core/config/summarize-document.ts";
import type { DocumentSummary } from "../../core/config-store.ts";
import type { SourceDocument } from "../../core/config-source.ts";
import type { Problem } from "../../core/problem.ts";
import { readDocument } from "./read-document.ts";
import { splitDocuments } from "./split-documents.ts";

/**
 * Reads a text that is to be one document and belongs to no folder. It is never thrown away for what is wrong
 * with it: that is in the problems.
 *
 * @param name stands for the file in problems, and is the key
 */
export function readDocumentText(text: string, name: string): SourceDocument {
  const hash = createHash("sha256").update(text).digest("hex");
  const place = { key: name, file: name, hash, baseDirectory: undefined };
  const parts = splitDocuments(text);
  const [first, second] = parts ?? [];
  if (first !== undefined && second === undefined) return readDocument(first, place);
  const problem = parts?.length === 0 ? nothing : tooMany;
  const line = (second?.line ?? 0) + 1;
  const location = { file: name, line, column: 1 };
  return { key: name, hash, document: undefined, problems: [{ ...problem, ...location }], locate: () => location };
}

/** What lists show of a text; undefined when it is no document. */
export function summarizeText(text: string): DocumentSummary | undefined {
  const { document } = readDocumentText(text, "document");
  return document === undefined ? undefined : summarizeDocument(document);
}

const nothing: Problem = {
  severity: "error",
  path: [],
  message: "the text is empty",
  mend: "write a document: name, routes, tools",
};

const tooMany: Problem = {
  severity: "error",
  path: [],
  message: "the text holds more than one document",
  mend: "save each document by itself",
};
