import { randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { AppError } from "../../core/errors.ts";

/**
 * A random value in base64 that is made once and kept in a file that its owner alone reads. Processes that start
 * together get the same value.
 *
 * @param bytes how long a new value is
 * @throws AppError `invalid_configuration` when the file cannot be read or made, or holds nothing
 */
export async function generatedSecret(path: string, bytes: number): Promise<string> {
  try {
    return (await readIfThere(path)) ?? (await make(path, bytes));
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    throw new AppError("invalid_configuration", `The file ${path} cannot be read or made (${reason}).`, { cause });
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    const value = (await readFile(path, "utf8")).trim();
    if (value !== "") return value;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  throw new AppError("invalid_configuration", `The file ${path} is empty; put its value back, or delete it.`);
}

/** Written under another name first: whoever reads the file finds it whole. */
async function make(path: string, bytes: number): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const value = randomBytes(bytes).toString("base64");
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(`${value}\n`);
    await file.sync();
    await link(draft, path);
    return value;
  } catch (error) {
    const isTaken = error instanceof Error && "code" in error && error.code === "EEXIST";
    const kept = isTaken ? await readIfThere(path) : undefined;
    if (kept === undefined) throw error;
    return kept;
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
}
