import { join, resolve } from "node:path";
import type {
  ChangeRequest,
  ConfigStore,
  DocumentChanges,
  DocumentRef,
  DocumentVersion,
  ListQuery,
  PrunePolicy,
  RestoreRequest,
  SaveRequest,
  StoredVersion,
} from "../../core/config-store.ts";
import { isDocumentRef, requireHistory, requireStorable, requireTag, staleBase } from "../../core/document-rules.ts";
import { AppError } from "../../core/errors.ts";
import type { Page, PageQuery } from "../../core/page.ts";
import { DurableFiles, readIfThere } from "./store/durable-files.ts";
import { holdsSeveral } from "./store/edit-file.ts";
import { planCut, planPut } from "./store/file-plan.ts";
import { openError } from "./store/folder-errors.ts";
import type { Summarize } from "./store/hand-edits.ts";
import { hashOf } from "./store/known-documents.ts";
import { pageOfDocuments, pageOfVersions } from "./store/pages.ts";
import { StoreFolder } from "./store/store-folder.ts";
import { keyOf, StorePaths } from "./store/store-paths.ts";

export interface YamlConfigStoreOptions {
  /** Folder of the documents, made when it is not there. */
  readonly root: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** What lists show of a text that was found in a file; undefined when it is no document. */
  readonly summarize: Summarize;
  /** How long files that people write have to stay as they are before they become versions; 100 when absent. */
  readonly settleMs?: number;
  /** Writes to the disk; another one shows what happens when it is full or the process is killed. */
  readonly disk?: DurableFiles;
}

/**
 * Documents in files that people edit and commit, with the history beside them in `.passerelle/`. What people do to the
 * files becomes versions at the next call (`docs/stores.md` shows the folder, `docs/decisions/yaml-store.md` the steps
 * of a save). Several processes may have the folder open.
 *
 * Cost: a call about one document asks the system for three stamps; `list`, `changesSince` and whatever is about a
 * document that is in no file ask for the stamp of every file (0.1 ms each on a busy machine) and read those that have changed.
 * Opening reads all files and the newest versions. A save writes and syncs four files. The newest versions are held in
 * memory without their texts, about 1 kB each.
 *
 * Besides the contract's errors: `unprocessable` for a name that no document can have, a text that is not one document
 * of well-formed Unicode or cannot stand in its file, and a history that somebody has damaged; `payload_too_large` for a
 * file beyond 8 MB; `unavailable` when the disk is full or read-only, or the folder has gone.
 */
export class YamlConfigStore implements ConfigStore {
  readonly #folder: StoreFolder;
  readonly #root: string;
  readonly #clock: () => number;

  private constructor(folder: StoreFolder, root: string, clock: () => number) {
    this.#folder = folder;
    this.#root = root;
    this.#clock = clock;
  }

  /** @throws AppError `invalid_configuration` when the path is no folder or cannot be written to */
  static async open(options: YamlConfigStoreOptions): Promise<YamlConfigStore> {
    const { clock, summarize, settleMs = 100, disk = new DurableFiles() } = options;
    const paths = new StorePaths(resolve(options.root));
    try {
      await disk.makeFolder(paths.histories);
      const folder = new StoreFolder({ paths, disk, summarize, clock, settleMs });
      await folder.prepare(() => prepareState(paths, disk));
      return new YamlConfigStore(folder, paths.root, clock);
    } catch (error) {
      // What is `unavailable` later on is a wrong path at the start.
      throw openError(error instanceof AppError ? (error.cause ?? error) : error, options.root);
    }
  }

  async list(query: ListQuery): Promise<Page<DocumentVersion>> {
    return this.#folder.readAll(() => pageOfDocuments(this.#folder.known.heads, query));
  }

  async get(ref: DocumentRef, version?: number): Promise<StoredVersion | undefined> {
    if (!isDocumentRef(ref)) return undefined;
    const found = await this.#find(ref, version);
    if (found === undefined) return undefined;
    const text = await this.#folder.known.readText(found);
    // A text that has gone since was pruned.
    return text === undefined && found.change !== "delete" ? undefined : { ...found, text };
  }

  async history(ref: DocumentRef, query: PageQuery): Promise<Page<DocumentVersion>> {
    if (!isDocumentRef(ref)) return { items: [] };
    await this.#folder.readOne(ref, () => undefined);
    return pageOfVersions(await this.#versions(ref), query);
  }

  async save(request: SaveRequest): Promise<DocumentVersion> {
    const { text, summary } = request;
    requireStorable(request);
    requireSingle(text);
    return this.#folder.change(request, () => this.#put(request, { change: "save", text, summary }));
  }

  async delete(request: ChangeRequest): Promise<DocumentVersion> {
    requireStorable(request);
    return this.#folder.change(request, () =>
      this.#put(request, { change: "delete", text: undefined, summary: undefined }),
    );
  }

  async restore(request: RestoreRequest): Promise<DocumentVersion> {
    requireStorable(request);
    return this.#folder.change(request, async () => {
      const source = (await this.#versions(request)).find(({ version }) => version === request.version);
      const text = source === undefined ? undefined : await this.#folder.known.readText(source);
      if (source !== undefined && text !== undefined) {
        return this.#put(request, { change: "restore", text, summary: source.summary });
      }
      this.#checkBase(request);
      const reason = source === undefined ? "is not there" : "is a deletion and has no text";
      throw new AppError("not_found", `Version ${request.version} of the document ${reason}.`);
    });
  }

  async tag(ref: DocumentRef, version: number, tag: string): Promise<void> {
    requireTag(tag);
    if (!isDocumentRef(ref)) throw noVersion();
    await this.#folder.change(ref, async () => {
      const log = await this.#folder.known.readLog(ref);
      const tagged = log.versions.find((made) => made.version === version);
      if (tagged === undefined) throw noVersion();
      if (!tagged.tags.includes(tag)) await this.#folder.writer.tag(ref, log, tag, version);
    });
  }

  async untag(ref: DocumentRef, tag: string): Promise<void> {
    if (!isDocumentRef(ref)) return;
    await this.#folder.change(ref, async () => {
      const log = await this.#folder.known.readLog(ref);
      if (log.versions.some(({ tags }) => tags.includes(tag))) await this.#folder.writer.untag(ref, log, tag);
    });
  }

  async load(versions: readonly StoredVersion[]): Promise<void> {
    requireHistory(versions);
    for (const { text } of versions) requireSingle(text ?? "");
    const newest = versions.at(-1);
    if (newest === undefined) return; // refused above
    await this.#folder.change(newest, async () => {
      const { known, files, writer } = this.#folder;
      const current = known.heads.get(keyOf(newest));
      if (current !== undefined) throw staleBase(current);
      const first = known.revision + 1;
      const loaded = versions.map((version, index) => ({
        ...version,
        revision: first + index,
        hash: version.text === undefined ? "" : hashOf(version.text),
      }));
      const plan = newest.text === undefined ? undefined : await planPut(this.#root, files, newest, newest.text);
      await writer.addAll(loaded, plan);
      if (plan !== undefined) await files.lookAt(plan.file, plan.owners);
    });
  }

  async prune(policy: PrunePolicy): Promise<number> {
    const { known, writer } = this.#folder;
    const keys = await this.#folder.readAll(() =>
      [...known.heads.values()].map(({ tenant, name }) => ({ tenant, name })),
    );
    let count = 0;
    for (const ref of keys) {
      count += await this.#folder.changeHistory(ref, async () => {
        if (known.damaged.has(keyOf(ref))) return 0;
        const { versions } = await known.readLog(ref);
        const newestToForget = (versions.at(-1)?.version ?? 0) - Math.max(1, policy.keepVersions);
        const kept = versions.filter(
          ({ version, savedAt, tags }) => version > newestToForget || savedAt > policy.keepSince || tags.length > 0,
        );
        if (kept.length < versions.length) await writer.keepOnly(ref, kept);
        return versions.length - kept.length;
      });
    }
    return count;
  }

  async changesSince(revision: number): Promise<DocumentChanges> {
    const { known } = this.#folder;
    const found = await this.#folder.readAll(() => {
      // Who asks from a revision that never was knows another history.
      const isComplete = revision <= 0 || revision > known.revision;
      const heads = [...known.heads.values()].filter((head) =>
        isComplete ? head.change !== "delete" : head.revision > revision,
      );
      return { revision: known.revision, isComplete, heads: heads.sort((a, b) => a.revision - b.revision) };
    });
    const changed: StoredVersion[] = [];
    for (const head of found.heads) changed.push({ ...head, text: await known.readText(head) });
    return { revision: found.revision, isComplete: found.isComplete, changed };
  }

  close(): Promise<void> {
    return this.#folder.close();
  }

  /** Makes the next version and changes the file that people see, or answers the newest that has this text; under the lock. */
  async #put(request: ChangeRequest, { change, text, summary }: VersionContent): Promise<DocumentVersion> {
    const { known, files, writer } = this.#folder;
    const newest = known.heads.get(keyOf(request));
    const hash = text === undefined ? "" : hashOf(text);
    // Whatever it is based on: a save whose answer was lost may be sent again.
    if (newest !== undefined && text !== undefined && newest.hash === hash) return newest;
    this.#checkBase(request);
    if (change === "delete" && (newest === undefined || newest.change === "delete")) throw noDocument();
    const { tenant, name, author, message } = request;
    const made: DocumentVersion = {
      tenant,
      name,
      version: request.basedOn + 1,
      revision: known.revision + 1,
      change,
      hash,
      author: { id: author.id, name: author.name },
      message,
      savedAt: this.#clock(),
      tags: [],
      summary,
    };
    const plan =
      text === undefined ? await planCut(this.#root, files, request) : await planPut(this.#root, files, request, text);
    await writer.add(await known.readLog(request), { ...made, text }, plan);
    if (plan !== undefined) await files.lookAt(plan.file, plan.owners);
    return made;
  }

  #checkBase(request: ChangeRequest): void {
    const newest = this.#folder.known.heads.get(keyOf(request));
    if ((newest?.version ?? 0) !== request.basedOn) throw staleBase(newest);
  }

  async #find(ref: DocumentRef, version: number | undefined): Promise<DocumentVersion | undefined> {
    const newest = await this.#folder.readOne(ref, () => this.#folder.known.heads.get(keyOf(ref)));
    if (newest === undefined || version === undefined) return newest;
    if (newest.version === version) return newest;
    return (await this.#versions(ref)).find((made) => made.version === version);
  }

  /** Oldest first, the newest one with its revision in this folder. */
  async #versions(ref: DocumentRef): Promise<readonly DocumentVersion[]> {
    const { versions } = await this.#folder.known.readLog(ref);
    const newest = this.#folder.known.heads.get(keyOf(ref));
    return versions.map((made) => (made.version === newest?.version ? { ...made, revision: newest.revision } : made));
  }
}

type VersionContent = Pick<StoredVersion, "change" | "text" | "summary">;

async function prepareState(paths: StorePaths, disk: DurableFiles): Promise<void> {
  if ((await readIfThere(paths.changes)) === undefined) await disk.write(paths.changes, "");
  if ((await readIfThere(paths.ignore)) !== undefined) return;
  await disk.write(
    paths.ignore,
    "# What belongs to this machine; the history may be committed.\n/*\n!/.gitignore\n!/.gitattributes\n!/history/\n*.new\n",
  );
  await disk.write(join(paths.state, ".gitattributes"), "# Hashes are of the bytes.\n* -text\n");
}

/** @throws AppError `unprocessable` for a text that would not be found again in its file */
function requireSingle(text: string): void {
  if (!holdsSeveral(text)) return;
  throw new AppError("unprocessable", "The text holds several YAML documents (`---`). Save each on its own.");
}

function noDocument(): AppError {
  return new AppError("not_found", "There is no such document.");
}

function noVersion(): AppError {
  return new AppError("not_found", "There is no such version of a document.");
}
