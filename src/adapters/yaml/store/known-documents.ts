import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import type { DocumentRef, DocumentVersion } from "../../../core/config-store.ts";
import { AppError } from "../../../core/errors.ts";
import { ChangeLog, type ChangeEntry } from "./change-log.ts";
import { readIfThere } from "./durable-files.ts";
import { plainText } from "./edit-file.ts";
import { isValidRef, keyOf, refOf, type StorePaths } from "./store-paths.ts";
import { emptyLog, parseLog, type VersionLog } from "./version-log.ts";

/** Histories that are read side by side. */
const readsAtOnce = 32;

/**
 * The newest version of every document, in memory. What other processes change is found through the change log: one
 * `stat` when nothing has happened.
 */
export class KnownDocuments {
  /** Newest versions by key, deletions included. */
  readonly heads = new Map<string, DocumentVersion>();
  /** Histories that somebody has damaged, by key. */
  readonly damaged = new Map<string, AppError>();
  readonly #paths: StorePaths;
  readonly #changes: ChangeLog;
  readonly #announced = new Map<string, ChangeEntry>();
  /** Keys whose newest version came otherwise than through this program, such as by `git pull`. */
  readonly #unannounced = new Set<string>();
  readonly #plainHashes = new Map<string, string>();

  constructor(paths: StorePaths) {
    this.#paths = paths;
    this.#changes = new ChangeLog(paths.changes);
  }

  get revision(): number {
    return this.#changes.revision;
  }

  get hasUnannounced(): boolean {
    return this.#unannounced.size > 0;
  }

  /** Learns what others have changed. @throws AppError `unavailable` when the history is gone */
  async refresh(): Promise<void> {
    const news = await this.#changes.readNews();
    if (news === undefined) {
      throw new AppError("unavailable", "The history of the documents is gone: the folder was removed or unmounted.");
    }
    if (news.isNew) {
      this.heads.clear();
      this.damaged.clear();
      this.#announced.clear();
      this.#unannounced.clear();
    }
    for (const entry of news.entries) this.#announced.set(entry.key, entry);
    const keys = news.isNew ? await this.#listKeys() : [...new Set(news.entries.map(({ key }) => key))];
    for (let start = 0; start < keys.length; start += readsAtOnce) {
      await Promise.all(keys.slice(start, start + readsAtOnce).map((key) => this.reload(key)));
    }
  }

  /** Reads the history of one document again. */
  async reload(key: string): Promise<void> {
    this.damaged.delete(key);
    try {
      const { versions } = await this.readLog(refOf(key));
      this.#accept(key, versions.at(-1));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.heads.delete(key);
      this.damaged.set(key, error);
    }
  }

  /** Gives revisions to what came from elsewhere; under the lock. */
  async announceUnannounced(): Promise<void> {
    const found = [...this.#unannounced].flatMap((key) => {
      const head = this.heads.get(key);
      return head === undefined ? [] : [{ key, head }];
    });
    found.sort((a, b) => a.head.revision - b.head.revision);
    let { revision } = this.#changes;
    await this.announce(
      found.map(({ key, head }) => {
        revision = Math.max(revision + 1, head.revision);
        return { revision, key, version: head.version };
      }),
    );
    for (const { key, head } of found) this.#accept(key, head);
  }

  /** Tells other processes; under the lock. */
  async announce(entries: readonly ChangeEntry[]): Promise<void> {
    if (entries.length === 0) return;
    await this.#changes.append(entries);
    for (const entry of entries) this.#announced.set(entry.key, entry);
  }

  /** Takes over what this process has just written and announced. */
  remember(head: DocumentVersion): void {
    this.#accept(keyOf(head), head);
  }

  /** What the files of a document's history say now, deletions included. */
  async readLog(ref: DocumentRef): Promise<VersionLog> {
    const text = await readIfThere(this.#paths.versionLog(ref));
    return text === undefined ? emptyLog : parseLog(ref, text);
  }

  /** The text of a version; undefined for a deletion, and for one that was pruned meanwhile. */
  async readText(version: DocumentVersion): Promise<string | undefined> {
    if (version.change === "delete") return undefined;
    const path = this.#paths.versionText(version, version.version);
    const text = await readIfThere(path);
    if (text === undefined || hashOf(text) === version.hash) return text;
    throw new AppError(
      "unprocessable",
      `${path} was changed after it was saved. Bring it back, or remove the history.`,
    );
  }

  /** Hash of the plain text of a newest version, by which documents in files are told to be the same. */
  async plainHash(head: DocumentVersion): Promise<string> {
    const known = this.#plainHashes.get(head.hash);
    if (known !== undefined) return known;
    const text = await this.readText(head);
    const hash = hashOf(plainText(text ?? ""));
    if (this.#plainHashes.size >= 10_000) this.#plainHashes.clear();
    this.#plainHashes.set(head.hash, hash);
    return hash;
  }

  #accept(key: string, head: DocumentVersion | undefined): void {
    this.#unannounced.delete(key);
    if (head === undefined) {
      this.heads.delete(key);
      return;
    }
    const entry = this.#announced.get(key);
    const isAnnounced = entry?.version === head.version;
    this.heads.set(key, isAnnounced ? { ...head, revision: entry.revision } : head);
    if (!isAnnounced) this.#unannounced.add(key);
  }

  async #listKeys(): Promise<string[]> {
    const keys: string[] = [];
    for (const tenant of await readdir(this.#paths.histories)) {
      if (!isValidRef({ tenant, name: "any" })) continue;
      for (const name of await readdir(this.#paths.historyFolder({ tenant, name: "" }))) {
        if (isValidRef({ tenant, name })) keys.push(keyOf({ tenant, name }));
      }
    }
    return keys;
  }
}

/** Lower-case hex SHA-256. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
