import { AppError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import { type ParseYaml, readDescriptionText } from "./read-description-text.ts";
import { resolveReference } from "./reference-uri.ts";
import { type ScannedDocument, scanReferences } from "./scan-references.ts";

/** Gets the text of a document that a description references, by its address (`https:`, `file:`). */
export type LoadDocument = (address: string) => Promise<string>;

/** A document as it was written, before it is brought to the shape of 3.1. */
export interface RawDocument extends ScannedDocument {
  readonly address: string;
  readonly value: JsonObject;
}

/** A document that could not be had: references into it fail with this reason. */
export interface MissingDocument {
  readonly address: string;
  readonly reason: string;
  /** The reference that asked for it first. */
  readonly askedBy: { readonly document: string; readonly pointer: string; readonly reference: string };
}

export interface DocumentSet {
  readonly root: RawDocument;
  readonly documents: ReadonlyMap<string, RawDocument>;
  readonly missing: ReadonlyMap<string, MissingDocument>;
}

export interface LoadOptions {
  readonly load: LoadDocument;
  readonly parseYaml: ParseYaml;
}

/** Most documents of one description. */
const maxDocuments = 1_000;
/** Most text of all documents that a description references. */
const maxTotalBytes = 67_108_864;
/** Longest chain of documents, each named by the one before. */
const maxDepth = 50;

/**
 * Loads what a description references, and what that references, as far as the bounds go. Never fails for a document
 * that cannot be had: that is in `missing` with its reason.
 */
export async function loadDocuments(address: string, value: JsonObject, options: LoadOptions): Promise<DocumentSet> {
  const root: RawDocument = { address, value, ...scanReferences(value) };
  const documents = new Map([[address, root]]);
  const missing = new Map<string, MissingDocument>();
  let totalBytes = 0;
  let wave: RawDocument[] = [root];
  for (let depth = 1; wave.length > 0; depth++) {
    const next: RawDocument[] = [];
    for (const asking of wave) {
      for (const [target, askedBy] of targetsOf(asking)) {
        if (documents.has(target) || missing.has(target)) continue;
        const bound = boundReached(documents.size, totalBytes, depth);
        try {
          if (bound !== undefined) throw new AppError("unprocessable", bound);
          const text = await options.load(target);
          totalBytes += text.length;
          const loaded = readDescriptionText(text, target, options.parseYaml);
          const document: RawDocument = { address: target, value: loaded, ...scanReferences(loaded) };
          documents.set(target, document);
          next.push(document);
        } catch (error) {
          if (!(error instanceof AppError) || error.code === "cancelled") throw error;
          missing.set(target, { address: target, reason: error.message, askedBy });
        }
      }
    }
    wave = next;
  }
  return { root, documents, missing };
}

function* targetsOf(asking: RawDocument): Iterable<[string, MissingDocument["askedBy"]]> {
  // A schema with `$id` may be referenced by that name; it is no document of its own.
  const own = new Set([...asking.ids.values()].map((id) => resolveReference(id, asking.address)?.document));
  for (const { pointer, reference } of asking.outward) {
    const target = resolveReference(reference, baseAt(asking, pointer));
    if (target === undefined || target.document === asking.address || own.has(target.document)) continue;
    yield [target.document, { document: asking.address, pointer, reference }];
  }
}

/** The address that references at a pointer are relative to: the nearest `$id` above it, else the document's. */
export function baseAt({ address, ids }: RawDocument, pointer: string): string {
  if (ids.size === 0) return address;
  let base = address;
  for (let end = 0; end !== -1; end = pointer.indexOf("/", end + 1)) {
    const id = ids.get(pointer.slice(0, end));
    if (id !== undefined) base = resolveReference(id, base)?.document ?? base;
  }
  const id = pointer === "" ? undefined : ids.get(pointer);
  return id === undefined ? base : (resolveReference(id, base)?.document ?? base);
}

function boundReached(documents: number, totalBytes: number, depth: number): string | undefined {
  if (documents >= maxDocuments) return `the description has more than ${maxDocuments} documents. Bundle it into one.`;
  if (totalBytes >= maxTotalBytes) {
    return `the documents of the description have more than ${maxTotalBytes / 1_048_576} MB. Import a part of it.`;
  }
  if (depth > maxDepth)
    return `it is named by a chain of more than ${maxDepth} documents. Bundle the description into one.`;
  return undefined;
}
