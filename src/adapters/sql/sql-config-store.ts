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
import { isDocumentRef, requireHistory, requireStorable, requireTag } from "../../core/document-rules.ts";
import { AppError } from "../../core/errors.ts";
import type { Page, PageQuery } from "../../core/page.ts";
import { readChanges } from "./documents/document-changes.ts";
import { listDocuments, listVersions } from "./documents/document-lists.ts";
import { pruneVersions } from "./documents/document-pruning.ts";
import { newestVersion, toStored, versionColumns } from "./documents/document-rows.ts";
import { addTag, removeTag } from "./documents/document-tags.ts";
import { type Draft, judge, writeDraft, writeHistory } from "./documents/document-writes.ts";
import type { SqlDatabase } from "./sql-database.ts";

/** Documents in a database, which is brought up to date by `migrate` before and closed by whoever opened it. */
export class SqlConfigStore implements ConfigStore {
  readonly #database: SqlDatabase;
  readonly #clock: () => number;

  /** @param clock milliseconds since 1970 */
  constructor(database: SqlDatabase, clock: () => number) {
    this.#database = database;
    this.#clock = clock;
  }

  list(query: ListQuery): Promise<Page<DocumentVersion>> {
    return this.#database.read((db) => listDocuments(db, query));
  }

  async get(ref: DocumentRef, version?: number): Promise<StoredVersion | undefined> {
    if (!isDocumentRef(ref) || !Number.isSafeInteger(version ?? 0)) return undefined;
    const row = await this.#database.read((db) => {
      const versions = db
        .selectFrom("document_versions as v")
        .select([...versionColumns, "v.text"])
        .where("v.tenant", "=", ref.tenant)
        .where("v.name", "=", ref.name);
      const wanted = version === undefined ? versions : versions.where("v.version", "=", version);
      return wanted.orderBy("v.version", "desc").limit(1).executeTakeFirst();
    });
    return row === undefined ? undefined : toStored(row);
  }

  history(ref: DocumentRef, query: PageQuery): Promise<Page<DocumentVersion>> {
    return this.#database.read((db) => listVersions(db, ref, query));
  }

  async save(request: SaveRequest): Promise<DocumentVersion> {
    const { text, summary } = request;
    return this.#write({ request, change: "save", text, summary, savedAt: this.#clock() });
  }

  async delete(request: ChangeRequest): Promise<DocumentVersion> {
    return this.#write({ request, change: "delete", text: undefined, summary: undefined, savedAt: this.#clock() });
  }

  async restore(request: RestoreRequest): Promise<DocumentVersion> {
    requireStorable(request);
    const source = await this.get(request, request.version);
    const draft = { request, change: "restore", summary: source?.summary, savedAt: this.#clock() } as const;
    if (source?.text !== undefined) return this.#write({ ...draft, text: source.text });
    judge({ ...draft, text: undefined }, await this.#newest(request));
    const reason = source === undefined ? "is not there" : "is a deletion and has no text";
    throw new AppError("not_found", `Version ${request.version} of the document ${reason}.`);
  }

  async tag(ref: DocumentRef, version: number, tag: string): Promise<void> {
    requireTag(tag);
    const { tenant, name } = ref;
    if (!isDocumentRef(ref) || !Number.isSafeInteger(version)) {
      throw new AppError("not_found", "There is no such version of a document.");
    }
    const { traits } = this.#database;
    await this.#database.transaction((db) => addTag(db, traits, { tenant, name, version, tag }));
  }

  async untag(ref: DocumentRef, tag: string): Promise<void> {
    const { tenant, name } = ref;
    if (!isDocumentRef(ref)) return;
    await this.#database.transaction((db) => removeTag(db, this.#database.traits, { tenant, name, tag }));
  }

  async load(versions: readonly StoredVersion[]): Promise<void> {
    requireHistory(versions);
    await this.#database.transaction((db) => writeHistory(db, versions));
  }

  prune(policy: PrunePolicy): Promise<number> {
    return pruneVersions(this.#database, policy);
  }

  changesSince(revision: number): Promise<DocumentChanges> {
    return readChanges(this.#database, revision);
  }

  /** Nothing to do: the database belongs to whoever opened it. */
  async close(): Promise<void> {}

  async #write(draft: Draft): Promise<DocumentVersion> {
    requireStorable({ ...draft.request, text: draft.text });
    // Most losers and repetitions are found without a lock that others wait for.
    const answer = judge(draft, await this.#newest(draft.request));
    return answer ?? this.#database.transaction((db) => writeDraft(db, draft));
  }

  #newest(ref: DocumentRef): Promise<DocumentVersion | undefined> {
    return this.#database.read((db) => newestVersion(db, ref));
  }
}
