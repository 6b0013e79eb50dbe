import type { Page, PageQuery } from "./page.ts";

/** A document by the two names that its text has. */
export interface DocumentRef {
  readonly tenant: string;
  readonly name: string;
}

/** Who changed something, as versions and the audit log keep it. */
export interface Author {
  /** Stable id: of a user, of a key, or a word for a program such as `file`. */
  readonly id: string;
  /** Name for people. */
  readonly name: string;
}

/** What lists show of a document without reading it. */
export interface DocumentSummary {
  readonly title: string | undefined;
  readonly description: string | undefined;
  readonly prefixes: readonly string[];
  readonly tools: number;
  /** Kinds of its upstreams, each once. */
  readonly upstreams: readonly string[];
}

/** What made a version: `restore` is a save of an older text, also of a deleted document. */
export type VersionChange = "save" | "restore" | "delete";

/** One version of a document, without its text. */
export interface DocumentVersion extends DocumentRef {
  /** 1, 2, 3 … of this document, without gaps; a deletion is a version too. */
  readonly version: number;
  /** Position of the change among all changes of the store; grows with each, may have gaps. */
  readonly revision: number;
  readonly change: VersionChange;
  /** Lower-case hex SHA-256 of the text; empty for a deletion. */
  readonly hash: string;
  readonly author: Author;
  /** Why, in the author's words; may be empty. */
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
  /** Names that people gave to this version, in their order. */
  readonly tags: readonly string[];
  /** Absent for a deletion, and for a text that was no document when it was saved. */
  readonly summary?: DocumentSummary | undefined;
}

/** A version with the text as it was written, comments included; a deletion has none. */
export interface StoredVersion extends DocumentVersion {
  readonly text: string | undefined;
}

/** What every change says. */
export interface ChangeRequest extends DocumentRef {
  /** Version that the change is based on; 0 for a document that never was. */
  readonly basedOn: number;
  readonly author: Author;
  readonly message: string;
}

export interface SaveRequest extends ChangeRequest {
  /** YAML of one document whose `tenant` and `name` are those of the request; the store does not look. */
  readonly text: string;
  readonly summary?: DocumentSummary | undefined;
}

export interface RestoreRequest extends ChangeRequest {
  /** Version whose text becomes the newest. */
  readonly version: number;
}

export interface ListQuery extends PageQuery {
  /** Only of these tenants; of all when absent. */
  readonly tenants?: readonly string[] | undefined;
  /** Only names that contain this, whatever their case. */
  readonly search?: string | undefined;
  /** `current` (the default): what is served; `deleted`: what can be brought back. */
  readonly state?: "current" | "deleted" | undefined;
}

/** What is forgotten of old versions. The newest version and tagged ones stay. */
export interface PrunePolicy {
  /** Newest versions of each document that stay, at least 1. */
  readonly keepVersions: number;
  /** Versions saved after this stay; milliseconds since 1970. */
  readonly keepSince: number;
}

/** Documents that changed after a revision. */
export interface DocumentChanges {
  /** Revision of the store when this was read: what the next call asks from. */
  readonly revision: number;
  /** The newest version of each document that changed, deletions included, by revision. */
  readonly changed: readonly StoredVersion[];
  /** True when `changed` is every document that is not deleted, whatever was asked: forget the others. */
  readonly isComplete: boolean;
}

/**
 * Keeps whole documents in versions. Calls may overlap, in this process and in others on the same store.
 * Everything that was answered survives a kill of the process.
 *
 * Errors: `conflict` when `basedOn` is not the newest version (`data`: `{ current: DocumentVersion }`, absent when
 * there is none), `not_found` for a document or version that is not there, `bad_request` for a cursor of another list,
 * `unprocessable` and `payload_too_large` for what not every store can keep (`document-rules.ts`), `unavailable` when
 * the store does not answer in time: then nothing was changed, or the change is whole.
 */
export interface ConfigStore {
  /** Newest versions, by tenant and name. */
  list(query: ListQuery): Promise<Page<DocumentVersion>>;
  /** The newest version, or the one that is asked for; undefined when there is none. */
  get(ref: DocumentRef, version?: number): Promise<StoredVersion | undefined>;
  /** Versions of a document, newest first; empty when it never was. */
  history(ref: DocumentRef, query: PageQuery): Promise<Page<DocumentVersion>>;
  /**
   * Makes the next version. Saving the text that is the newest already makes none and answers that one, whatever it
   * is based on: a save whose answer was lost may be sent again.
   */
  save(request: SaveRequest): Promise<DocumentVersion>;
  /** Makes a version without text; the history stays. `not_found` for what is deleted already. */
  delete(request: ChangeRequest): Promise<DocumentVersion>;
  /** Makes a version of an older text, as `save` does; `not_found` also for a deletion. */
  restore(request: RestoreRequest): Promise<DocumentVersion>;
  /** Gives a version a name, unique in its document: a name that another version has moves. */
  tag(ref: DocumentRef, version: number, tag: string): Promise<void>;
  /** Takes a name away; nothing happens when there is none. */
  untag(ref: DocumentRef, tag: string): Promise<void>;
  /**
   * Puts the whole history of a document, oldest first, into a store that has nothing of it: versions keep their
   * numbers, authors, times and tags and get revisions of this store. `conflict` when the document is there already.
   */
  load(versions: readonly StoredVersion[]): Promise<void>;
  /** Forgets old versions. Answers how many. */
  prune(policy: PrunePolicy): Promise<number>;
  /**
   * What changed after `revision`, in one read; 0, and a revision that is still to come, ask for everything. Cheap when
   * nothing did.
   */
  changesSince(revision: number): Promise<DocumentChanges>;
  close(): Promise<void>;
}
