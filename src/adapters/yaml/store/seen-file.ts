import type { DocumentRef, DocumentVersion } from "../../../core/config-store.ts";
import { isJsonObject } from "../../../core/json.ts";
import { parseYaml } from "../parse-yaml.ts";
import { type PlacedText, splitDocuments } from "../split-documents.ts";
import { partText, plainText } from "./edit-file.ts";
import { hashOf } from "./known-documents.ts";
import { isValidRef, keyOf } from "./store-paths.ts";

/** A document of a file as it was read last. */
export interface SeenDocument {
  /** Absent when nothing tells which one it is. */
  readonly ref: DocumentRef | undefined;
  /** Hashes of its text in the file, without the marks between documents, and without anything around it. */
  readonly hash: string;
  readonly partHash: string;
  readonly plainHash: string;
}

export interface SeenFile {
  readonly stamp: string;
  /** It may have been written again after it was read without its stamp being another one. */
  readonly isYoung: boolean;
  /** With false, `documents` are those of the last time that it could be read. */
  readonly isReadable: boolean;
  readonly documents: readonly SeenDocument[];
}

export interface Identification {
  /** Path of the file below the root. */
  readonly file: string;
  /** What was seen of the file before. */
  readonly before: readonly SeenDocument[];
  /** Newest versions that are served, by their hash; undefined where several have it. */
  readonly byHash: ReadonlyMap<string, DocumentVersion | undefined>;
  readonly headOf: (ref: DocumentRef) => DocumentVersion | undefined;
}

/**
 * Which documents a file holds. A text that was seen before or is the newest version of a document is that document;
 * else its `tenant` and `name` tell; a text that lacks them (a person has broken it) is the one that stood in its
 * place, or the one that the file is named after.
 */
export function identifyDocuments(text: string, context: Identification): SeenDocument[] {
  const sources = splitDocuments(text) ?? [];
  const seen = sources.map((source, index) => identify(source, index, context));
  const lost = context.before.filter(({ ref }) => ref !== undefined && !seen.some((other) => isSame(other.ref, ref)));
  const unknown = seen.filter(({ ref }) => ref === undefined);
  return seen.map((document, index) => {
    if (document.ref !== undefined) return document;
    const stood = context.before[index];
    if (stood !== undefined && lost.includes(stood)) return { ...document, ref: stood.ref };
    if (unknown.length === 1 && lost.length === 1) return { ...document, ref: lost[0]?.ref };
    return sources.length === 1 ? { ...document, ref: ownRef(context.file) } : document;
  });
}

function identify(source: PlacedText, index: number, context: Identification): SeenDocument {
  const hash = hashOf(source.text);
  const there = context.before[index];
  const before = there?.hash === hash ? there : context.before.find((document) => document.hash === hash);
  if (before !== undefined) return before;
  const part = partText(source.text);
  const plain = plainText(source.text);
  const partHash = part === source.text ? hash : hashOf(part);
  const plainHash = plain === part ? partHash : hashOf(plain);
  const ref = refByHash([hash, partHash], context) ?? refByText(source.text);
  return { ref, hash, partHash, plainHash };
}

function refByHash(hashes: readonly string[], { byHash, headOf, file }: Identification): DocumentRef | undefined {
  const named = ownRef(file);
  const head = named === undefined ? undefined : headOf(named);
  // The same text may be that of several documents: then the name of the file decides.
  if (head !== undefined && head.change !== "delete" && hashes.includes(head.hash)) return named;
  for (const hash of hashes) {
    const found = byHash.get(hash);
    if (found !== undefined) return { tenant: found.tenant, name: found.name };
  }
  return undefined;
}

function refByText(text: string): DocumentRef | undefined {
  const parsed = parseYaml(text);
  if (parsed.kind === "broken" || !isJsonObject(parsed.value)) return undefined;
  const { name, tenant = "default" } = parsed.value;
  if (typeof name !== "string" || typeof tenant !== "string") return undefined;
  return isValidRef({ tenant, name }) ? { tenant, name } : undefined;
}

/** The document that a file would be made for. */
function ownRef(file: string): DocumentRef | undefined {
  const [tenant = "", name = "", ...more] = file.replace(/\.yaml$/, "").split("/");
  return more.length === 0 && file.endsWith(".yaml") && isValidRef({ tenant, name }) ? { tenant, name } : undefined;
}

function isSame(one: DocumentRef | undefined, other: DocumentRef | undefined): boolean {
  return one !== undefined && other !== undefined && keyOf(one) === keyOf(other);
}
