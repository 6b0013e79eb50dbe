import { join } from "node:path";
import type { Author, DocumentSummary, StoredVersion } from "../../../core/config-store.ts";
import { splitDocuments } from "../split-documents.ts";
import type { HandEdit } from "./current-files.ts";
import { partText } from "./edit-file.ts";
import { hashOf, type KnownDocuments } from "./known-documents.ts";
import { readTextFile } from "./read-text-file.ts";
import { refOf } from "./store-paths.ts";
import type { VersionWriter } from "./version-writer.ts";

/** What lists show of a text; undefined when it is no document. */
export type Summarize = (text: string) => DocumentSummary | undefined | Promise<DocumentSummary | undefined>;

/** Who made the versions that were found in files. */
const handAuthor: Author = { id: "file", name: "edited by hand" };

export interface EditorParts {
  readonly root: string;
  readonly known: KnownDocuments;
  readonly writer: VersionWriter;
  readonly summarize: Summarize;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Makes versions of what people have done; under the lock. */
export async function adoptEdits(edits: readonly HandEdit[], parts: EditorParts): Promise<void> {
  for (const edit of edits) {
    const change = await readChange(edit, parts);
    if (change === undefined) continue;
    const ref = refOf(edit.key);
    const log = await parts.known.readLog(ref);
    const revision = parts.known.revision + 1;
    const version = (log.versions.at(-1)?.version ?? 0) + 1;
    const own = { version, revision, author: handAuthor, savedAt: parts.clock(), tags: [] };
    await parts.writer.add(log, { ...ref, ...own, ...change }, undefined);
  }
}

type FoundChange = Pick<StoredVersion, "change" | "hash" | "message" | "text" | "summary">;

/** Undefined when the file is another one again: the next look sees it. */
async function readChange(edit: HandEdit, { root, summarize }: EditorParts): Promise<FoundChange | undefined> {
  if (edit.kind === "remove") {
    return { change: "delete", hash: "", message: "", text: undefined, summary: undefined };
  }
  const { file, index } = edit.place;
  const content = await readTextFile(join(root, file));
  const sources = content.kind === "text" ? (splitDocuments(content.text) ?? []) : [];
  const source = sources[index];
  if (source === undefined || hashOf(source.text) !== edit.hash) return undefined;
  const text = sources.length === 1 ? source.text : partText(source.text);
  return { change: "save", hash: hashOf(text), message: file, text, summary: await summarize(text) };
}
