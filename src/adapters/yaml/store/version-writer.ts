import { join } from "node:path";
import { readdir } from "node:fs/promises";
import type { DocumentRef, DocumentVersion, StoredVersion } from "../../../core/config-store.ts";
import type { DurableFiles } from "./durable-files.ts";
import type { FilePlan } from "./file-plan.ts";
import type { IntentRecord } from "./intent.ts";
import type { KnownDocuments } from "./known-documents.ts";
import { keyOf, type StorePaths } from "./store-paths.ts";
import { logLine, logText, type VersionLog, versionLogLine } from "./version-log.ts";

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
    const { text, ...head } = version;
    const makeVersion = async (): Promise<void> => {
      await this.#disk.makeFolder(this.#paths.historyFolder(version));
      if (text !== undefined) await this.#writeText(version, text);
      await this.#disk.append(this.#paths.versionLog(version), log.length, versionLogLine(head));
    };
    if (plan === undefined) await makeVersion();
    else await this.#intents.carryOut(plan, version, version.version, makeVersion);
    await this.#announce(head);
  }

  /** Puts a whole history where none is. */
  async addAll(versions: readonly StoredVersion[], plan: FilePlan | undefined): Promise<void> {
    const heads = versions.map(({ text: _text, ...head }) => head);
    const newest = heads.at(-1);
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
    await this.#announce(newest);
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

  async #announce(head: DocumentVersion): Promise<void> {
    await this.#known.announce([{ revision: head.revision, key: keyOf(head), version: head.version }]);
    this.#known.remember(head);
  }

  /** Others read the history again; the document itself has not changed, so its revision stays. */
  async #reannounce(ref: DocumentRef): Promise<void> {
    const head = this.#known.heads.get(keyOf(ref));
    if (head === undefined) return;
    await this.#known.announce([{ revision: head.revision, key: keyOf(ref), version: head.version }]);
    await this.#known.reload(keyOf(ref));
  }
}
