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
  VersionChange,
} from "../../core/config-store.ts";
import { AppError } from "../../core/errors.ts";
import type { Page, PageQuery } from "../../core/page.ts";
import { DurableFiles, readIfThere } from "./store/durable-files.ts";
import { isOneDocument } from "./store/edit-file.ts";
import { planCut, planPut } from "./store/file-plan.ts";
import { openError } from "./store/folder-errors.ts";
import type { Summarize } from "./store/hand-edits.ts";
import { hashOf } from "./store/known-documents.ts";
import { pageOfDocuments, pageOfVersions } from "./store/pages.ts";
import { StoreFolder } from "./store/store-folder.ts";
import { checkRef, isValidRef, keyOf, StorePaths } from "./store/store-paths.ts";

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
 * document that is in no file ask for the stamp of every file (about 10 µs each) and read those that have changed.
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
    if (!isValidRef(ref)) return undefined;
    const found = await this.#find(ref, version);
    if (found === undefined) return undefined;
    const text = await this.#folder.known.readText(found);
    // A text that has gone since was pruned.
    return text === undefined && found.change !== "delete" ? undefined : { ...found, text };
  }

  async history(ref: DocumentRef, query: PageQuery): Promise<Page<DocumentVersion>> {
    if (!isValidRef(ref)) return { items: [] };
    await this.#folder.readOne(ref, () => undefined);
    return pageOfVersions(await this.#versions(ref), query);
  }

  async save(request: SaveRequest): Promise<DocumentVersion> {
    const { text, summary } = request;
    checkRef(request);
    checkText(text);
    return this.#folder.change(request, async () => {
      const newest = await this.#checkBase(request);
      const hash = hashOf(text);
      if (newest !== undefined && newest.change !== "delete" && newest.hash === hash) return newest;
      return this.#put(request, { change: "save", hash, text, summary });
    });
  }

  async delete(request: ChangeRequest): Promise<DocumentVersion> {
    checkRef(request);
    return this.#folder.change(request, async () => {
      const newest = await this.#checkBase(request);
      if (newest === undefined || newest.change === "delete") throw notFound(request);
      return this.#put(request, { change: "delete", hash: "", text: undefined, summary: undefined });
    });
  }

  async restore(request: RestoreRequest): Promise<DocumentVersion> {
    checkRef(request);
    return this.#folder.change(request, async () => {
      await this.#checkBase(request);
      const old = (await this.#versions(request)).find(({ version }) => version === request.version);
      const text = old === undefined ? undefined : await this.#folder.known.readText(old);
      if (old === undefined || text === undefined) throw notFound(request, request.version);
      return this.#put(request, { change: "restore", hash: old.hash, text, summary: old.summary });
    });
  }

  async tag(ref: DocumentRef, version: number, tag: string): Promise<void> {
    checkRef(ref);
    await this.#folder.change(ref, async () => {
      const log = await this.#folder.known.readLog(ref);
      const tagged = log.versions.find((made) => made.version === version);
      if (tagged === undefined) throw notFound(ref, version);
      if (!tagged.tags.includes(tag)) await this.#folder.writer.tag(ref, log, tag, version);
    });
  }

  async untag(ref: DocumentRef, tag: string): Promise<void> {
    if (!isValidRef(ref)) return;
    await this.#folder.change(ref, async () => {
      const log = await this.#folder.known.readLog(ref);
      if (log.versions.some(({ tags }) => tags.includes(tag))) await this.#folder.writer.untag(ref, log, tag);
    });
  }

  async load(versions: readonly StoredVersion[]): Promise<void> {
    const newest = versions.at(-1);
    if (newest === undefined) return;
    checkRef(newest);
    for (const { text } of versions) if (text !== undefined) checkText(text);
    await this.#folder.change(newest, async () => {
      const { known, files, writer } = this.#folder;
      const current = known.heads.get(keyOf(newest));
      if (current !== undefined) throw conflict(newest, current);
      const first = known.revision + 1;
      const loaded = versions.map((version, index) => ({ ...version, revision: first + index }));
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
      count += await this.#folder.alone(async () => {
        if (known.damaged.has(keyOf(ref))) return 0;
        const { versions } = await known.readLog(ref);
        const newest = versions.length - Math.max(1, policy.keepVersions);
        const kept = versions.filter(
          ({ savedAt, tags }, index) => index >= newest || savedAt > policy.keepSince || tags.length > 0,
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

  /** Makes the next version and changes the file that people see; under the lock. */
  async #put(request: ChangeRequest, content: VersionContent): Promise<DocumentVersion> {
    const { known, files, writer } = this.#folder;
    const { tenant, name, author, message } = request;
    const log = await known.readLog(request);
    const plan =
      content.text === undefined
        ? await planCut(this.#root, files, request)
        : await planPut(this.#root, files, request, content.text);
    const own = { tenant, name, author: { id: author.id, name: author.name }, message };
    const version = { version: request.basedOn + 1, revision: known.revision + 1, savedAt: this.#clock(), tags: [] };
    await writer.add(log, { ...own, ...version, ...content }, plan);
    if (plan !== undefined) await files.lookAt(plan.file, plan.owners);
    const { text: _text, ...head } = content;
    return { ...own, ...version, ...head };
  }

  async #checkBase(request: ChangeRequest): Promise<DocumentVersion | undefined> {
    const newest = this.#folder.known.heads.get(keyOf(request));
    if ((newest?.version ?? 0) !== request.basedOn) throw conflict(request, newest);
    return newest;
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

interface VersionContent extends Pick<StoredVersion, "hash" | "text" | "summary"> {
  readonly change: VersionChange;
}

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
function checkText(text: string): void {
  if (!text.isWellFormed()) {
    throw new AppError("unprocessable", "The text holds half of a surrogate pair, which UTF-8 cannot keep.");
  }
  if (isOneDocument(text)) return;
  throw new AppError("unprocessable", "The text has to be one YAML document, neither empty nor several.");
}

function conflict({ tenant, name }: DocumentRef, current: DocumentVersion | undefined): AppError {
  const what = current === undefined ? "does not exist" : `has changed: its newest version is ${current.version}`;
  return new AppError("conflict", `${tenant}/${name} ${what}.`, current === undefined ? {} : { data: { current } });
}

function notFound({ tenant, name }: DocumentRef, version?: number): AppError {
  const what = version === undefined ? `document ${tenant}/${name}` : `version ${version} of ${tenant}/${name}`;
  return new AppError("not_found", `There is no ${what}.`);
}
