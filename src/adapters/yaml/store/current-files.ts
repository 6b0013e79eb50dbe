import { join, relative } from "node:path";
import type { DocumentRef, DocumentVersion } from "../../../core/config-store.ts";
import { listConfigFiles, stampFile } from "../config-files.ts";
import type { KnownDocuments } from "./known-documents.ts";
import { readTextFile } from "./read-text-file.ts";
import { identifyDocuments, type SeenDocument, type SeenFile } from "./seen-file.ts";
import { keyOf } from "./store-paths.ts";

/** Where a document stands. */
export interface Place {
  /** Path below the root. */
  readonly file: string;
  readonly index: number;
}

/** What people have done to a document since its newest version. */
export type HandEdit =
  | { readonly kind: "write"; readonly key: string; readonly place: Place; readonly hash: string }
  | { readonly kind: "remove"; readonly key: string; readonly hash: "" };

/** Clocks of file systems tick in steps, of up to a second: a file that is younger may change and keep its stamp. */
const youngMs = 1_000;
/** Files that are read side by side. */
const readsAtOnce = 16;

/** The files that people edit: which documents they hold, and what differs from the newest versions. */
export class CurrentFiles {
  readonly #root: string;
  readonly #known: KnownDocuments;
  readonly #files = new Map<string, SeenFile>();
  #places = new Map<string, Place>();

  constructor(root: string, known: KnownDocuments) {
    this.#root = root;
    this.#known = known;
  }

  placeOf(ref: DocumentRef): Place | undefined {
    return this.#places.get(keyOf(ref));
  }

  documentsOf(file: string): readonly SeenDocument[] {
    return this.#files.get(file)?.documents ?? [];
  }

  /** Looks at all files: asks the system for the stamp of each and reads those that have another one. */
  async look(): Promise<void> {
    const { files } = await listConfigFiles([this.#root]);
    const names = new Map(files.map((file) => [relative(this.#root, file.path), file]));
    for (const name of this.#files.keys()) if (!names.has(name)) this.#files.delete(name);
    const changed = [...names].filter(([name, { stamp }]) => {
      const seen = this.#files.get(name);
      return seen === undefined || seen.isYoung || seen.stamp !== stamp;
    });
    const byHash = changed.length === 0 ? undefined : headsByHash(this.#known.heads.values());
    for (let start = 0; start < changed.length; start += readsAtOnce) {
      const some = changed.slice(start, start + readsAtOnce);
      await Promise.all(some.map(([name, file]) => this.#read(name, file, byHash)));
    }
    this.#place([...names.keys()]);
  }

  /** Looks at one file that this process has written; `owners` are its documents. */
  async lookAt(file: string, owners: readonly (DocumentRef | undefined)[]): Promise<void> {
    this.#files.delete(file);
    const stamp = await stampFile(join(this.#root, file));
    if (stamp !== undefined) await this.#read(file, stamp, undefined);
    const seen = this.#files.get(file);
    if (seen !== undefined) {
      const documents = seen.documents.map((document, index) => ({ ...document, ref: owners[index] }));
      this.#files.set(file, { ...seen, documents });
    }
    for (const [key, place] of this.#places) if (place.file === file) this.#places.delete(key);
    for (const [index, ref] of owners.entries()) {
      if (ref !== undefined && seen !== undefined && !this.#places.has(keyOf(ref))) {
        this.#places.set(keyOf(ref), { file, index });
      }
    }
  }

  /** Whether a file is as it was when it was looked at last. */
  async isAsSeen(file: string): Promise<boolean> {
    const seen = this.#files.get(file);
    const path = join(this.#root, file);
    const stamp = await stampFile(path);
    if (seen === undefined || stamp === undefined) return seen === undefined && stamp === undefined;
    if (seen.stamp !== stamp.stamp) return false;
    if (!seen.isYoung) return true;
    await this.#read(file, stamp, undefined);
    const now = this.#files.get(file);
    return (
      now?.documents.length === seen.documents.length &&
      now.documents.every(({ hash }, index) => hash === seen.documents[index]?.hash)
    );
  }

  /** What people have done, as far as it was seen. */
  async edits(): Promise<HandEdit[]> {
    const edits: HandEdit[] = [];
    for (const [key, place] of this.#places) {
      const edit = await this.#writeOf(key, place);
      if (edit !== undefined) edits.push(edit);
    }
    // What a file holds that could never be read is not known: a document that is not found may be in it.
    if ([...this.#files.values()].some((file) => !file.isReadable && file.documents.length === 0)) return edits;
    for (const [key, { change }] of this.#known.heads) {
      if (change !== "delete" && !this.#places.has(key)) edits.push({ kind: "remove", key, hash: "" });
    }
    return edits;
  }

  /** What people have done to one document, as far as it was seen; that it was removed only a look at all files tells. */
  async editOf(ref: DocumentRef): Promise<HandEdit | undefined> {
    const place = this.placeOf(ref);
    return place === undefined ? undefined : this.#writeOf(keyOf(ref), place);
  }

  async #writeOf(key: string, place: Place): Promise<HandEdit | undefined> {
    const file = this.#files.get(place.file);
    const seen = file?.documents[place.index];
    if (file?.isReadable !== true || seen === undefined || this.#known.damaged.has(key)) return undefined;
    const head = this.#known.heads.get(key);
    if (head !== undefined && (await this.#isVersion(seen, head))) return undefined;
    return { kind: "write", key, place, hash: seen.hash };
  }

  async #isVersion(seen: SeenDocument, head: DocumentVersion): Promise<boolean> {
    if (head.change === "delete") return false;
    if (head.hash === seen.hash || head.hash === seen.partHash) return true;
    return seen.plainHash === (await this.#known.plainHash(head));
  }

  async #read(name: string, stamp: Stamp, byHash: ReadonlyMap<string, DocumentVersion | undefined> | undefined) {
    const before = this.#files.get(name)?.documents ?? [];
    // The clock of the file system, not of the store.
    const isYoung = Date.now() - stamp.changedAt < youngMs;
    const content = await readTextFile(join(this.#root, name));
    switch (content.kind) {
      case "gone":
        this.#files.delete(name);
        return;
      case "unreadable":
        this.#files.set(name, { stamp: stamp.stamp, isYoung, isReadable: false, documents: before });
        return;
      case "text": {
        const headOf = (ref: DocumentRef): DocumentVersion | undefined => this.#known.heads.get(keyOf(ref));
        const documents = identifyDocuments(content.text, { file: name, before, byHash: byHash ?? new Map(), headOf });
        this.#files.set(name, { stamp: stamp.stamp, isYoung, isReadable: true, documents });
      }
    }
  }

  /** Where each document is: where it was before, else the first place that has it. */
  #place(names: readonly string[]): void {
    const places = new Map<string, Place>();
    for (const [key, place] of this.#places) {
      const ref = this.#files.get(place.file)?.documents[place.index]?.ref;
      if (ref !== undefined && keyOf(ref) === key) places.set(key, place);
    }
    for (const file of names) {
      for (const [index, { ref }] of this.documentsOf(file).entries()) {
        if (ref !== undefined && !places.has(keyOf(ref))) places.set(keyOf(ref), { file, index });
      }
    }
    this.#places = places;
  }
}

interface Stamp {
  readonly stamp: string;
  readonly changedAt: number;
}

/** Undefined for a hash that several documents have. */
function headsByHash(heads: Iterable<DocumentVersion>): Map<string, DocumentVersion | undefined> {
  const found = new Map<string, DocumentVersion | undefined>();
  for (const head of heads) {
    if (head.change !== "delete") found.set(head.hash, found.has(head.hash) ? undefined : head);
  }
  return found;
}
