import { AppError } from "../../../core/errors.ts";

const reasons: ReadonlyMap<string, string> = new Map([
  ["ENOSPC", "the disk is full"],
  ["EDQUOT", "the disk quota is used up"],
  ["EFBIG", "the file would be larger than this system allows"],
  ["EROFS", "the folder is read-only"],
  ["EACCES", "permission denied"],
  ["EPERM", "permission denied"],
  ["EIO", "the disk fails"],
  ["EMFILE", "too many files are open"],
  ["ENFILE", "too many files are open"],
  ["ENOTDIR", "a file is where a folder has to be"],
  ["EISDIR", "a folder is where a file has to be"],
  ["EEXIST", "a file is where a folder has to be"],
  ["ENOTEMPTY", "a folder is where a file has to be"],
  ["ENOENT", "it is not there any more"],
]);

/** An error of the file system or its lock as the rest of the program knows it; defects stay as they are. */
export function translateError(error: unknown, root: string): unknown {
  const reason = reasonOf(error);
  if (reason === undefined) return error;
  return new AppError("unavailable", `The documents in ${root} cannot be read or written: ${reason}.`, {
    cause: error,
  });
}

/** Why a folder cannot be opened as a store. */
export function openError(error: unknown, root: string): unknown {
  const reason = reasonOf(error);
  if (reason === undefined) return error;
  return new AppError("invalid_configuration", `${root} cannot be used as a store: ${reason}.`, { cause: error });
}

function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof AppError || !("code" in error)) return undefined;
  const { code } = error;
  if (code === "ERR_SQLITE_ERROR") return "its lock cannot be taken";
  return typeof code === "string" && "syscall" in error ? (reasons.get(code) ?? code) : undefined;
}
