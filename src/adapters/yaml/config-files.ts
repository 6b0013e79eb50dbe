import type { Dirent, Stats } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, normalize, resolve } from "node:path";
import { AppError } from "../../core/errors.ts";

const maxFiles = 20_000;
const maxDepth = 32;
/** Entries of a folder that the system is asked for side by side. */
const statsAtOnce = 64;

export interface ConfigFile {
  /** As a person would write it: the given path, and what lies below it. */
  readonly name: string;
  readonly path: string;
  /** Changes whenever the file may have changed; of the target when the file is a link. */
  readonly stamp: string;
  readonly size: number;
  /** When it was written, renamed or given other rights last; milliseconds since 1970. */
  readonly changedAt: number;
}

/** A folder in which something may come or go. */
export interface ConfigDirectory {
  readonly path: string;
  /** Differs when the folder was removed and made again. */
  readonly identity: string;
  /** The only names that matter in it; absent when all do. */
  readonly names?: ReadonlySet<string>;
}

export interface ConfigFiles {
  /** In the order of the given paths, then by name; a file that is reached twice is listed once. */
  readonly files: readonly ConfigFile[];
  readonly directories: readonly ConfigDirectory[];
}

/**
 * Lists the configuration files of paths: files as given, folders with all `.yaml`, `.yml` and
 * `.json` files below. Entries whose name begins with a dot are left out (so are the folders behind
 * a Kubernetes ConfigMap, whose visible entries are links to files); links to files are followed,
 * links to folders only when given as a path.
 * Fails with `AppError("invalid_configuration")` when a given path cannot be read or holds too much.
 */
export async function listConfigFiles(paths: readonly string[]): Promise<ConfigFiles> {
  const walk = new Walk();
  for (const path of paths) await walk.addRoot(normalize(path));
  return { files: walk.files, directories: [...walk.directories.values()] };
}

class Walk {
  readonly files: ConfigFile[] = [];
  readonly directories = new Map<string, ConfigDirectory>();
  readonly #seen = new Set<string>();

  async addRoot(name: string): Promise<void> {
    const path = resolve(name);
    const stats = await statRoot(path, name);
    if (stats.isDirectory()) return this.#addDirectory(path, name, 0, stats);
    await this.#addParent(path);
    this.#addFile({ path, name, stats, identity: await realIfThere(path) });
  }

  async #addParent(file: string): Promise<void> {
    const path = dirname(file);
    const before = this.directories.get(path);
    if (before !== undefined && before.names === undefined) return;
    const names = new Set([...(before?.names ?? []), basename(file)]);
    this.directories.set(path, { path, identity: identityOf(await stat(path)), names });
  }

  async #addDirectory(path: string, name: string, depth: number, stats: Stats): Promise<void> {
    if (depth > maxDepth) throw tooMuch(`folders are nested more than ${maxDepth} deep`, name);
    this.directories.set(path, { path, identity: identityOf(stats) });
    const real = await realIfThere(path);
    if (real === undefined) return;
    const entries = (await readEntries(path, name, depth))
      .filter((entry) => !entry.name.startsWith(".") && (entry.isDirectory() || isConfigName(entry.name)))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    for (let start = 0; start < entries.length; start += statsAtOnce) {
      const some = entries.slice(start, start + statsAtOnce);
      for (const { entry, stats, identity } of await Promise.all(some.map((entry) => look(path, real, entry)))) {
        if (stats === undefined) continue;
        const found = { path: join(path, entry.name), name: join(name, entry.name), stats, identity };
        if (entry.isDirectory()) await this.#addDirectory(found.path, found.name, depth + 1, stats);
        else if (stats.isFile()) this.#addFile(found);
      }
    }
  }

  #addFile({ path, name, stats, identity }: FoundFile): void {
    if (identity === undefined || this.#seen.has(identity)) return;
    if (this.files.length === maxFiles) throw tooMuch(`there are more than ${maxFiles} files`, name);
    this.#seen.add(identity);
    this.files.push({ name, path, ...stampOf(identity, stats) });
  }
}

interface FoundFile {
  readonly path: string;
  readonly name: string;
  readonly stats: Stats;
  /** Where it really is; absent when it has gone. */
  readonly identity: string | undefined;
}

interface LookedAt {
  readonly entry: Dirent;
  /** Of the target when the entry is a link; absent when it has gone. */
  readonly stats: Stats | undefined;
  readonly identity: string | undefined;
}

/** Only links have to be followed to tell what they are: asking for each file doubles the time of a large folder. */
async function look(path: string, real: string, entry: Dirent): Promise<LookedAt> {
  const inner = join(path, entry.name);
  const identity = entry.isSymbolicLink() ? await realIfThere(inner) : join(real, entry.name);
  return { entry, stats: await statIfThere(inner), identity };
}

type FileStamp = Pick<ConfigFile, "stamp" | "size" | "changedAt">;

function stampOf(identity: string, { ino, size, mtimeMs, ctimeMs }: Stats): FileStamp {
  return { stamp: `${identity}:${ino}:${size}:${mtimeMs}:${ctimeMs}`, size, changedAt: Math.max(mtimeMs, ctimeMs) };
}

/** The stamp of one file as a listing would tell it; absent when it has gone. */
export async function stampFile(path: string): Promise<FileStamp | undefined> {
  const [stats, identity] = await Promise.all([statIfThere(path), realIfThere(path)]);
  return stats === undefined || identity === undefined || !stats.isFile() ? undefined : stampOf(identity, stats);
}

/** Whether a file of this name in a folder is configuration. */
export function isConfigName(name: string): boolean {
  return /^[^.].*\.(?:ya?ml|json)$/i.test(name);
}

function identityOf(stats: Stats): string {
  return `${stats.dev}:${stats.ino}:${stats.birthtimeMs}`;
}

async function statRoot(path: string, name: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (cause) {
    throw new AppError("invalid_configuration", `cannot read ${name}: ${reasonOf(cause)}`, { cause });
  }
}

/** Absent when the entry has gone since its folder was listed, or is a link to nothing. */
function statIfThere(path: string): Promise<Stats | undefined> {
  return stat(path).catch(absentIfGone);
}

function realIfThere(path: string): Promise<string | undefined> {
  return realpath(path).catch(absentIfGone);
}

function absentIfGone(error: unknown): undefined {
  if (!isGone(error)) throw error;
}

async function readEntries(path: string, name: string, depth: number): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (cause) {
    if (depth > 0 && isGone(cause)) return [];
    throw new AppError("invalid_configuration", `cannot read ${name}: ${reasonOf(cause)}`, { cause });
  }
}

function tooMuch(what: string, name: string): AppError {
  return new AppError("invalid_configuration", `${what} at ${name}; give a narrower path`);
}

/** Whether a file system error says that there is nothing (any more). */
export function isGone(error: unknown): boolean {
  return codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR" || codeOf(error) === "ELOOP";
}

const reasons: ReadonlyMap<string | undefined, string> = new Map([
  ["ENOENT", "there is no such file or folder"],
  ["EACCES", "permission denied"],
  ["EPERM", "permission denied"],
  ["EISDIR", "it is a folder"],
]);

/** A file system error in words. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return reasons.get(code) ?? code ?? String(error);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
