import { join } from "node:path";
import type { Author, DocumentSummary, StoredVersion } from "../../../core/config-store.ts";
import { splitDocuments } from "../split-documents.ts";
import type { HandEdit } from "./current-files.ts";
import { partText } from "./edit-file.ts";
import { hashOf, type KnownDocuments } from "./known-documents.ts";
import { readTextFile } from "./read-text-file.ts";
import { refOf } from "./store-paths.ts";
import type { Addition, VersionWriter } from "./version-writer.ts";

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

/** Texts that are in memory at once. */
const editsAtOnce = 64;

/** Makes versions of what people have done; under the lock. */
export async function adoptEdits(edits: readonly HandEdit[], parts: EditorParts): Promise<void> {
  for (let start = 0; start < edits.length; start += editsAtOnce) {
    await adoptSome(edits.slice(start, start + editsAtOnce), parts);
  }
}

async function adoptSome(edits: readonly HandEdit[], parts: EditorParts): Promise<void> {
  const additions: Addition[] = [];
  let { revision } = parts.known;
  for (const edit of edits) {
    const change = await readChange(edit, parts);
    if (change === undefined) continue;
    const ref = refOf(edit.key);
    const log = await parts.known.readLog(ref);
    const version = (log.versions.at(-1)?.version ?? 0) + 1;
    const own = { version, revision: ++revision, author: handAuthor, savedAt: parts.clock(), tags: [] };
    additions.push({ log, version: { ...ref, ...own, ...change } });
  }
  await parts.writer.addMany(additions);
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
