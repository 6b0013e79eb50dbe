import { type FileHandle, open, readFile, rename, rm, stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

export interface ReplaceOptions {
  /** Longest time that a writer may take; 5,000 when absent. After it the next one takes its place. */
  readonly patienceMs?: number;
}

const retryMs = 20;

/**
 * Replaces the text of a file by what `change` makes of the text there is (undefined when there is no
 * file). Writers take turns, across processes: a turn is the file `PATH.new`, which exists once and
 * ends as the new text. Whoever reads meanwhile, or starts after a crash, finds the old text or the
 * new one. The mode of a file that is there stays, and its owner when root writes. Fails like the file system, or with what
 * `change` throws; the file is unchanged then.
 */
export async function replaceFile(
  path: string,
  change: (before: string | undefined) => string,
  { patienceMs = 5_000 }: ReplaceOptions = {},
): Promise<void> {
  const beside = `${path}.new`;
  const file = await takeTurn(beside, patienceMs);
  try {
    await file.writeFile(change(await ifThere(readFile(path, "utf8"))));
    await keepOwner(path, file);
    await file.sync();
    if (!(await isSameFile(beside, file))) throw new Error(`${beside} was taken away while it was written`);
    await rename(beside, path);
  } catch (error) {
    if (await isSameFile(beside, file)) await rm(beside, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** Waits until nobody else writes. What a killed writer has left is removed. */
async function takeTurn(beside: string, patienceMs: number): Promise<FileHandle> {
  let waitedMs = 0;
  for (;;) {
    try {
      return await open(beside, "wx", 0o600);
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error;
    }
    if (waitedMs < patienceMs) {
      await delay(retryMs);
      waitedMs += retryMs;
    } else {
      await rm(beside, { force: true });
      waitedMs = 0;
    }
  }
}

/** Root, who alone may give files away, must not lock out the user that the gateway runs as. */
async function keepOwner(path: string, file: FileHandle): Promise<void> {
  const [before, now] = [await ifThere(stat(path)), await file.stat()];
  if (before === undefined) return;
  if (now.uid === 0) await file.chown(before.uid, before.gid);
  await file.chmod(before.mode & 0o777);
}

/** False for a writer that was so slow that another one took its place. */
async function isSameFile(path: string, file: FileHandle): Promise<boolean> {
  const found = await ifThere(stat(path));
  return found !== undefined && found.ino === (await file.stat()).ino;
}

/** Undefined when the file that is asked for does not exist. */
export async function ifThere<Value>(asking: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
