import { join } from "node:path";
import { readdir } from "node:fs/promises";
import type { DocumentRef, DocumentVersion, StoredVersion } from "../../../core/config-store.ts";
import type { DurableFiles } from "./durable-files.ts";
import type { FilePlan } from "./file-plan.ts";
import type { IntentRecord } from "./intent.ts";
import type { KnownDocuments } from "./known-documents.ts";
import { keyOf, type StorePaths } from "./store-paths.ts";
import { logLine, logText, type VersionLog, versionLogLine } from "./version-log.ts";

/** Histories that are written side by side: a disk syncs many at once in the time of one. */
const writesAtOnce = 16;

export interface Addition {
  readonly log: VersionLog;
  readonly version: StoredVersion;
}

/** Writes histories; everything of it happens under the lock. */
export class VersionWriter {
  readonly #paths: StorePaths;
  readonly #disk: DurableFiles;
  readonly #known: KnownDocuments;
  readonly #intents: IntentRecord;

  constructor(parts: {
    readonly paths: StorePaths;
    readonly disk: DurableFiles;
    readonly known: KnownDocuments;
    readonly intents: IntentRecord;
  }) {
    this.#paths = parts.paths;
    this.#disk = parts.disk;
    this.#known = parts.known;
    this.#intents = parts.intents;
  }

  /** Makes the next version, and changes the file that people see along with it when there is a plan for it. */
  async add(log: VersionLog, version: StoredVersion, plan: FilePlan | undefined): Promise<void> {
    if (plan === undefined) await this.#write(log, version);
    else await this.#intents.carryOut(plan, version, version.version, () => this.#write(log, version));
    await this.#announce([version]);
  }

  /** Makes the next versions of different documents, each by itself; their files are as they should be. */
  async addMany(additions: readonly Addition[]): Promise<void> {
    const written: StoredVersion[] = [];
    for (let start = 0; start < additions.length; start += writesAtOnce) {
      const some = additions.slice(start, start + writesAtOnce);
      const outcomes = await Promise.allSettled(some.map(({ log, version }) => this.#write(log, version)));
      // Not before all have ended: the lock is not kept any longer.
      const failed = outcomes.find((outcome) => outcome.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      written.push(...some.map(({ version }) => version));
    }
    await this.#announce(written);
  }

  /** Puts a whole history where none is. */
  async addAll(versions: readonly StoredVersion[], plan: FilePlan | undefined): Promise<void> {
    const heads = versions.map(({ text: _text, ...head }) => head);
    const newest = versions.at(-1);
    if (newest === undefined) return;
    const makeVersions = async (): Promise<void> => {
      await this.#disk.makeFolder(this.#paths.historyFolder(newest));
      for (const version of versions) {
        if (version.text !== undefined) await this.#writeText(version, version.text);
      }
      await this.#replaceLog(newest, heads);
    };
    if (plan === undefined) await makeVersions();
    else await this.#intents.carryOut(plan, newest, newest.version, makeVersions);
    await this.#announce([newest]);
  }

  async tag(ref: DocumentRef, log: VersionLog, tag: string, version: number): Promise<void> {
    await this.#appendMark(ref, log, logLine({ kind: "tag", tag, version }));
  }

  async untag(ref: DocumentRef, log: VersionLog, tag: string): Promise<void> {
    await this.#appendMark(ref, log, logLine({ kind: "untag", tag }));
  }

  /** Forgets all versions but these. */
  async keepOnly(ref: DocumentRef, versions: readonly DocumentVersion[]): Promise<void> {
    await this.#replaceLog(ref, versions);
    const kept = new Set(versions.map(({ version }) => `${version}.yaml`));
    const folder = this.#paths.historyFolder(ref);
    for (const name of await readdir(folder)) {
      if (/^\d+\.yaml$/.test(name) && !kept.has(name)) await this.#disk.remove(join(folder, name));
    }
    await this.#reannounce(ref);
  }

  async #write(log: VersionLog, { text, ...version }: StoredVersion): Promise<void> {
    await this.#disk.makeFolder(this.#paths.historyFolder(version));
    if (text !== undefined) await this.#writeText(version, text);
    await this.#disk.append(this.#paths.versionLog(version), log.length, versionLogLine(version));
  }

  async #writeText(ref: DocumentVersion, text: string): Promise<void> {
    const path = this.#paths.versionText(ref, ref.version);
    await this.#disk.write(`${path}.new`, text);
    await this.#disk.replace(`${path}.new`, path);
  }

  async #replaceLog(ref: DocumentRef, versions: readonly DocumentVersion[]): Promise<void> {
    const path = this.#paths.versionLog(ref);
    await this.#disk.write(`${path}.new`, logText(versions));
    await this.#disk.replace(`${path}.new`, path);
  }

  async #appendMark(ref: DocumentRef, log: VersionLog, line: string): Promise<void> {
    await this.#disk.append(this.#paths.versionLog(ref), log.length, line);
    await this.#reannounce(ref);
  }

  async #announce(versions: readonly StoredVersion[]): Promise<void> {
    const heads = versions.map(({ text: _text, ...head }): DocumentVersion => head);
    await this.#known.announce(
      heads.map((head) => ({ revision: head.revision, key: keyOf(head), version: head.version })),
    );
    for (const head of heads) this.#known.remember(head);
  }

  /** Others read the history again; the document itself has not changed, so its revision stays. */
  async #reannounce(ref: DocumentRef): Promise<void> {
    const head = this.#known.heads.get(keyOf(ref));
    if (head === undefined) return;
    await this.#known.announce([{ revision: head.revision, key: keyOf(ref), version: head.version }]);
    await this.#known.reload(keyOf(ref));
  }
}
