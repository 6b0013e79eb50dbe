import { type FileHandle, mkdir, open, readFile, rename, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { isGone } from "../config-files.ts";

/**
 * Writes to the disk so that what was done stays done when the process is killed or the power goes. Every method is one
 * step: after it either nothing has happened or all of it.
 */
export class DurableFiles {
  /** Makes folders down to this one. (Recursive `mkdir` of Node never ends where none can be made, as in /proc.) */
  async makeFolder(path: string): Promise<void> {
    try {
      await mkdir(path);
    } catch (error) {
      if (await isFolder(path)) return;
      if (!isGone(error)) throw error;
      await this.#makeBelow(path, error);
    }
    await this.#syncFolder(dirname(path));
  }

  /** Makes a folder whose parent was missing: who works beside this one may have made either meanwhile. */
  async #makeBelow(path: string, error: unknown): Promise<void> {
    const parent = dirname(path);
    if (parent === path) throw error;
    if (!(await isFolder(parent))) await this.makeFolder(parent);
    try {
      await mkdir(path);
    } catch (second) {
      if (!(await isFolder(path))) throw second;
    }
  }

  /** Writes a file that nobody reads yet. */
  async write(path: string, content: string, mode?: number): Promise<void> {
    await using(await open(path, "w", mode), async (file) => {
      if (mode !== undefined) await file.chmod(mode);
      await file.writeFile(content);
      await file.sync();
    });
  }

  /** Replaces a file, or makes it: its readers see the old content or the new. */
  async replace(from: string, to: string): Promise<void> {
    await rename(from, to);
    await this.#syncFolder(dirname(to));
  }

  /** Writes behind the first `length` bytes of a file; what came after them is gone. */
  async append(path: string, length: number, content: string): Promise<void> {
    await using(await open(path, length === 0 ? "a" : "r+"), async (file) => {
      await putAt(file, length, content);
      await file.sync();
    });
    if (length === 0) await this.#syncFolder(dirname(path));
  }

  /** The same for what can be made anew: it outlives the process, but perhaps not the power. */
  async appendUnsynced(path: string, length: number, content: string): Promise<void> {
    await using(await open(path, "r+"), (file) => putAt(file, length, content));
  }

  /** Nothing happens when there is none. */
  async remove(path: string): Promise<void> {
    try {
      await unlink(path);
    } catch (error) {
      if (isGone(error)) return;
      throw error;
    }
    await this.#syncFolder(dirname(path));
  }

  async #syncFolder(path: string): Promise<void> {
    await using(await open(path, "r"), (folder) => folder.sync());
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

/** Absent when there is no such file. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

async function putAt(file: FileHandle, length: number, content: string): Promise<void> {
  await file.truncate(length);
  await file.write(content, length);
}

async function using(file: FileHandle, work: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await work(file);
  } finally {
    await file.close();
  }
}
