import { type FSWatcher, watch } from "node:fs";
import { extname } from "node:path";
import type { ConfigNotifier } from "../../core/config-source.ts";
import { type ConfigDirectory, type ConfigFiles, isConfigName, listConfigFiles } from "./config-files.ts";

export interface WatchNotifierOptions {
  /** How long events are gathered into one hint; 50 when absent. */
  readonly gatherMs?: number;
  /** How often files are compared without any event; 5,000 when absent. */
  readonly pollMs?: number;
}

interface WatchedDirectory {
  readonly identity: string;
  readonly watcher: FSWatcher;
}

/** Folders that appear while others are being listed are followed this many levels at once; the poll does the rest. */
const maxRounds = 8;

/**
 * Tells that configuration files may have been written, replaced, added or removed, and once at the
 * start for what changed before. Watches folders rather than files, so that saving by rename and the
 * link swaps of a Kubernetes ConfigMap are seen, and follows folders that come and go. A slow poll
 * is the net below: some file systems tell nothing.
 */
export class WatchNotifier implements ConfigNotifier {
  readonly #paths: readonly string[];
  readonly #gatherMs: number;
  readonly #pollMs: number;
  readonly #watched = new Map<string, WatchedDirectory>();
  #listener: (() => void) | undefined;
  #stamp: string | undefined;
  #gathering: NodeJS.Timeout | undefined;
  #polling: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(paths: readonly string[], options: WatchNotifierOptions = {}) {
    this.#paths = paths;
    this.#gatherMs = options.gatherMs ?? 50;
    this.#pollMs = options.pollMs ?? 5_000;
  }

  start(listener: () => void): void {
    this.#listener = listener;
    this.#look(false);
  }

  async close(): Promise<void> {
    this.#listener = undefined;
    clearTimeout(this.#gathering);
    clearTimeout(this.#polling);
    this.#unwatchExcept([]);
    await this.#looking;
  }

  /** Looks after the look that is under way; `isEvent` makes it a hint even when all files seem unchanged. */
  #look(isEvent: boolean): void {
    clearTimeout(this.#polling);
    this.#looking = this.#looking.then(async () => {
      const stamp = await this.#watchAll();
      if (this.#listener === undefined) return;
      const changed = stamp !== this.#stamp;
      this.#stamp = stamp;
      clearTimeout(this.#polling);
      this.#polling = setTimeout(() => this.#look(false), this.#pollMs).unref();
      if (isEvent || changed) this.#listener();
    });
  }

  /** Watches the folders that there are and answers what tells the state of all files. */
  async #watchAll(): Promise<string> {
    let found: ConfigFiles | undefined;
    for (let round = 0; round < maxRounds; round++) {
      found = await listIfThere(this.#paths);
      // What appeared in a folder before it was watched would be missed: list once more.
      if (this.#listener === undefined || !this.#watchOnly(found?.directories ?? [])) break;
    }
    return found?.files.map((file) => `${file.path}:${file.stamp}`).join("\n") ?? "unreadable";
  }

  /** Answers whether a folder is watched that was not before. */
  #watchOnly(directories: readonly ConfigDirectory[]): boolean {
    this.#unwatchExcept(directories);
    let added = false;
    for (const directory of directories) {
      if (!this.#watched.has(directory.path)) added = this.#watch(directory) || added;
    }
    return added;
  }

  #unwatchExcept(directories: readonly ConfigDirectory[]): void {
    const wanted = new Map(directories.map(({ path, identity }) => [path, identity]));
    for (const [path, { identity, watcher }] of this.#watched) {
      if (wanted.get(path) === identity) continue;
      watcher.close();
      this.#watched.delete(path);
    }
  }

  #watch({ path, identity, names }: ConfigDirectory): boolean {
    try {
      const watcher = watch(path, { persistent: false }, (_event, name) => {
        if (name === null || mayMatter(name, names)) this.#gather();
      });
      watcher.on("error", () => {
        watcher.close();
        if (this.#watched.get(path)?.watcher === watcher) this.#watched.delete(path);
        this.#gather();
      });
      this.#watched.set(path, { identity, watcher });
      return true;
    } catch {
      // The folder has just gone, or the system's watches are used up: the poll still sees changes.
      return false;
    }
  }

  #gather(): void {
    if (this.#listener === undefined) return;
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.#look(true);
    }, this.#gatherMs).unref();
  }
}

/** Whether an entry may be configuration, a folder that holds some, or the link behind a ConfigMap. */
function mayMatter(name: string, names: ReadonlySet<string> | undefined): boolean {
  if (name.startsWith("..")) return true;
  if (names !== undefined) return names.has(name);
  return isConfigName(name) || (!name.startsWith(".") && extname(name) === "");
}

/** Absent while the paths cannot be listed: the reader tells the reason, a later look sees them come back. */
function listIfThere(paths: readonly string[]): Promise<ConfigFiles | undefined> {
  return listConfigFiles(paths).catch(() => undefined);
}
